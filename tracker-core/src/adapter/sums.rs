//! Sums of squares of numbers in memory.
//!
//! A sum goes over blocks that stay in the cache: within a block in the numbers' own type, with as
//! many sums side by side as the processor has lanes, and over the blocks in f64. A block whose
//! squares overflow or vanish in that type is summed once more in f64.

use std::ops::{Add, Mul, Sub};

/// How many numbers are worked on at a time: 4 kB in f32.
pub const BLOCK: usize = 1_024;

/// How many sums are kept side by side, so that they become one vector instruction or a few.
pub const LANES: usize = 16;

/// The two types that numbers of tensors are read in: f32 and f64.
pub trait Real:
    Copy
    + Default
    + PartialOrd
    + Into<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
{
    /// More than all numbers.
    const INFINITY: Self;

    /// Less than all numbers.
    const NEG_INFINITY: Self;

    /// A sum of squares below this, for each number, may have lost some that vanished.
    const LEAST_SQUARE: f64;

    /// The nearest f32.
    fn narrow(self) -> f32;
}

impl Real for f32 {
    const INFINITY: Self = f32::INFINITY;
    const NEG_INFINITY: Self = f32::NEG_INFINITY;
    const LEAST_SQUARE: f64 = 1e-36;

    fn narrow(self) -> f32 {
        self
    }
}

impl Real for f64 {
    const INFINITY: Self = f64::INFINITY;
    const NEG_INFINITY: Self = f64::NEG_INFINITY;
    const LEAST_SQUARE: f64 = 1e-290;

    fn narrow(self) -> f32 {
        self as f32
    }
}

/// The sum of squares; NaN or infinite if one of the numbers is.
pub fn squares<T: Real>(values: &[T]) -> f64 {
    values.chunks(BLOCK).map(squares_of_block).sum()
}

/// The square root of the sum of squares; NaN or infinite if one of the numbers is.
///
/// Neither numbers of 1e-25 vanish in it nor those of 1e25 overflow.
pub fn norm<T: Real>(values: &[T]) -> f64 {
    norm_of(values, squares(values))
}

/// The [`norm`] of `values`, given the sum of their [`squares`].
pub fn norm_of<T: Real>(values: &[T], squares: f64) -> f64 {
    if is_exact::<f64>(squares, values.len()) { squares.sqrt() } else { scaled_norm(values) }
}

/// The [`norm`] of the change from one tensor's numbers to another's.
pub fn norm_of_change<T: Real>(before: &[T], after: &[T]) -> f64 {
    let mut changes = [T::default(); BLOCK];
    let of_block = |(before, after): (&[T], &[T])| {
        let values = before.iter().zip(after);
        for (change, (before, after)) in changes.iter_mut().zip(values) {
            *change = *after - *before;
        }
        norm(&changes[..before.len().min(after.len())])
    };
    let norms: Vec<f64> = before.chunks(BLOCK).zip(after.chunks(BLOCK)).map(of_block).collect();
    norm(&norms)
}

fn squares_of_block<T: Real>(block: &[T]) -> f64 {
    let fast = fast_squares(block);
    if is_exact::<T>(fast, block.len()) {
        return fast;
    }
    block.iter().map(|value| (*value).into()).map(|value: f64| value * value).sum()
}

/// Whether no square overflowed or vanished in the type that they were computed in.
fn is_exact<T: Real>(squares: f64, values: usize) -> bool {
    squares.is_finite() && squares >= T::LEAST_SQUARE * values as f64
}

fn fast_squares<T: Real>(block: &[T]) -> f64 {
    let mut sums = [T::default(); LANES];
    let (chunks, rest) = block.as_chunks::<LANES>();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum = *sum + *value * *value;
        }
    }
    let rest = rest.iter().fold(T::default(), |sum, value| sum + *value * *value);
    sums.into_iter().chain([rest]).map(Into::into).sum()
}

/// The norm of values whose squares are no f64, or are all 0.
fn scaled_norm<T: Real>(values: &[T]) -> f64 {
    let values = || values.iter().map(|value| -> f64 { (*value).into() });
    let magnitude = values().fold(0.0, |most: f64, value| most.max(value.abs()));
    // An infinite value stays infinite when it is divided by this, a NaN stays NaN.
    let magnitude = magnitude.clamp(f64::MIN_POSITIVE, f64::MAX);
    let shares = values().map(|value| value / magnitude);
    magnitude * shares.map(|share| share * share).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(values: &[f32]) -> f64 {
        values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn norms_of_all_lengths_are_those_of_f64() {
        for length in [0, 1, 15, 16, 17, 1_023, 1_024, 1_025, 79_510] {
            let values: Vec<f32> = (0..length).map(|i| (i as f32 * 0.37).sin()).collect();
            let (found, expected) = (norm(&values), naive(&values));
            assert!((found - expected).abs() <= 1e-6 * expected, "{length}: {found} {expected}");
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            assert!((norm(&values) - expected).abs() <= 1e-12 * expected, "{length}");
        }
    }

    #[test]
    fn norms_neither_vanish_nor_overflow() {
        for magnitude in [1e-44_f32, 1e-30, 1e-25, 1e-19, 1e19, 1e25, 3e38] {
            let values = vec![magnitude; 5_000];
            assert!((norm(&values) / naive(&values) - 1.0).abs() < 1e-6, "{magnitude}");
        }
        for magnitude in [1e-300, 1e-160, 1e160, 1e300] {
            let values = vec![magnitude; 5_000];
            let expected = magnitude * 5_000_f64.sqrt();
            assert!((norm(&values) / expected - 1.0).abs() < 1e-6, "{magnitude}");
        }
    }

    #[test]
    fn one_small_block_among_large_ones_counts() {
        let mut values = vec![1e-22_f32; 10 * BLOCK];
        values[0] = 1e-21;
        assert!((norm(&values) / naive(&values) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_number_shows_in_the_norm() {
        for position in [0, 17, 2_000] {
            let mut values = vec![1.0_f32; 3_000];
            values[position] = f32::NEG_INFINITY;
            assert_eq!(norm(&values), f64::INFINITY);
            values[2_999 - position] = f32::NAN;
            assert!(norm(&values).is_nan());
        }
        assert_eq!(norm(&[0.0_f64; 20]), 0.0);
        assert!(norm(&[f64::NAN, 0.0]).is_nan());
    }

    #[test]
    fn the_norm_of_a_change_is_that_of_the_differences() {
        let before: Vec<f32> = (0..2_500).map(|i| (i as f32).sin()).collect();
        let after: Vec<f32> = before.iter().map(|value| value * 1.01 + 1e-4).collect();
        let change: Vec<f32> = before.iter().zip(&after).map(|(a, b)| b - a).collect();
        assert!((norm_of_change(&before, &after) / naive(&change) - 1.0).abs() < 1e-6);
        assert_eq!(norm_of_change(&before, &before), 0.0);
    }
}
