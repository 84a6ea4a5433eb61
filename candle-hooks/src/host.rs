//! The numbers of a tensor on the CPU, read where they are.
//!
//! A sum goes over blocks that stay in the cache: within a block in the tensor's own type, with as
//! many sums side by side as the processor has lanes, and over the blocks in f64. A block whose
//! squares overflow or vanish in that type is summed once more in f64.

use std::ops::{Add, Mul, Sub};

use candle_core::{CpuStorage, DType, Layout, Result, Storage, Tensor, bail};

/// How many elements are worked on at a time: 4 kB in f32.
pub(crate) const BLOCK: usize = 1_024;

/// How many sums are kept side by side, so that they become one vector instruction or a few.
pub(crate) const LANES: usize = 16;

/// The two types that numbers are read in.
pub(crate) trait Real:
    Copy
    + Default
    + PartialOrd
    + Into<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
{
    const INFINITY: Self;
    const NEG_INFINITY: Self;

    /// A sum of squares below this, for each element, may have lost some that vanished.
    const LEAST_SQUARE: f64;
}

impl Real for f32 {
    const INFINITY: Self = f32::INFINITY;
    const NEG_INFINITY: Self = f32::NEG_INFINITY;
    const LEAST_SQUARE: f64 = 1e-36;
}

impl Real for f64 {
    const INFINITY: Self = f64::INFINITY;
    const NEG_INFINITY: Self = f64::NEG_INFINITY;
    const LEAST_SQUARE: f64 = 1e-290;
}

/// The elements of a tensor on the CPU.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Values<'a> {
    Single(&'a [f32]),
    Double(&'a [f64]),
}

/// Gives the elements of a tensor on the CPU to one of two functions, by type.
///
/// F32 and F64 that lie side by side are read in place; strided tensors are copied, and other types
/// become f32, which holds all values of F16 and BF16.
///
/// # Errors
/// If the tensor is on another device.
pub(crate) fn read<T>(
    tensor: &Tensor,
    single: impl FnOnce(&[f32]) -> T,
    double: impl FnOnce(&[f64]) -> T,
) -> Result<T> {
    let tensor = side_by_side(tensor)?;
    let (storage, layout) = tensor.storage_and_layout();
    let Some((start, end)) = layout.contiguous_offsets() else { bail!("a copy is strided") };
    match &*storage {
        Storage::Cpu(CpuStorage::F32(values)) => Ok(single(&values[start..end])),
        Storage::Cpu(CpuStorage::F64(values)) => Ok(double(&values[start..end])),
        _ => bail!("a tensor of {:?} on {:?} is not read", tensor.dtype(), tensor.device()),
    }
}

/// As [`read`], for what does not depend on the order of the elements: a transposed tensor is not copied.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_in_any_order<T>(
    tensor: &Tensor,
    mut look: impl FnMut(Values<'_>) -> T,
) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    let start = layout.start_offset();
    let end = start + tensor.elem_count();
    if fills_its_place(layout) {
        match &*storage {
            Storage::Cpu(CpuStorage::F32(values)) if values.len() >= end => {
                return Ok(look(Values::Single(&values[start..end])));
            }
            Storage::Cpu(CpuStorage::F64(values)) if values.len() >= end => {
                return Ok(look(Values::Double(&values[start..end])));
            }
            _ => {}
        }
    }
    drop(storage);
    let look = std::cell::RefCell::new(look);
    read(
        tensor,
        |values| look.borrow_mut()(Values::Single(values)),
        |values| look.borrow_mut()(Values::Double(values)),
    )
}

/// Whether the elements lie side by side, in whatever order.
fn fills_its_place(layout: &Layout) -> bool {
    if layout.is_contiguous() {
        return true;
    }
    let mut strides: Vec<(usize, usize)> =
        layout.stride().iter().copied().zip(layout.dims().iter().copied()).collect();
    strides.retain(|(_, length)| *length != 1);
    strides.sort_unstable();
    let mut next = 1;
    strides.into_iter().all(|(stride, length)| {
        let fits = stride == next;
        next *= length;
        fits
    })
}

/// As [`read`], for two tensors of one type and shape.
///
/// # Errors
/// If their types differ, or one of them is on another device.
pub(crate) fn read_both<T>(
    (first, second): (&Tensor, &Tensor),
    single: impl FnOnce(&[f32], &[f32]) -> T,
    double: impl FnOnce(&[f64], &[f64]) -> T,
) -> Result<T> {
    let second = side_by_side(second)?;
    read(
        first,
        |values| read(&second, |others| Some(single(values, others)), |_| None),
        |values| read(&second, |_| None, |others| Some(double(values, others))),
    )??
    .ok_or_else(|| candle_core::Error::msg("two tensors of different types"))
}

fn side_by_side(tensor: &Tensor) -> Result<Tensor> {
    // Detached, so that a copy is no part of a graph.
    let tensor = tensor.detach();
    match tensor.dtype() {
        DType::F32 | DType::F64 => tensor.contiguous(),
        _ => tensor.to_dtype(DType::F32)?.contiguous(),
    }
}

/// The square root of the sum of squares; NaN or infinite if one of the values is.
///
/// Neither values of 1e-25 vanish in it nor those of 1e25 overflow.
pub(crate) fn norm<T: Real>(values: &[T]) -> f64 {
    norm_of(values, values.chunks(BLOCK).map(squares).sum())
}

/// The norm of `values`, given the sum of their [`squares`].
pub(crate) fn norm_of<T: Real>(values: &[T], squares: f64) -> f64 {
    if is_exact::<f64>(squares, values.len()) { squares.sqrt() } else { scaled_norm(values) }
}

/// The norm of the change from one tensor's values to another's.
pub(crate) fn norm_of_change<T: Real>(before: &[T], after: &[T]) -> f64 {
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

/// The sum of squares of a block of at most [`BLOCK`] values.
pub(crate) fn squares<T: Real>(block: &[T]) -> f64 {
    let fast = fast_squares(block);
    if is_exact::<T>(fast, block.len()) {
        return fast;
    }
    block.iter().map(|value| (*value).into()).map(|value: f64| value * value).sum()
}

/// Whether no square overflowed or vanished in the type that they were computed in.
fn is_exact<T: Real>(squares: f64, elements: usize) -> bool {
    squares.is_finite() && squares >= T::LEAST_SQUARE * elements as f64
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
    use candle_core::Device;

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

    #[test]
    fn in_any_order_each_element_is_read_once() -> Result<()> {
        let tensor = Tensor::arange(0_f32, 24.0, &Device::Cpu)?.reshape((2, 3, 4))?;
        let expected: Vec<f32> = (0..24_u8).map(f32::from).collect();
        let read = |tensor: &Tensor| {
            read_in_any_order(tensor, |values| match values {
                Values::Single(values) => values.to_vec(),
                Values::Double(_) => Vec::new(),
            })
        };
        for view in [tensor.clone(), tensor.permute((2, 0, 1))?, tensor.t()?] {
            let mut read = read(&view)?;
            read.sort_by(f32::total_cmp);
            assert_eq!(read, expected);
        }
        let part = tensor.narrow(2, 1, 2)?;
        let mut elements = read(&part)?;
        elements.sort_by(f32::total_cmp);
        assert_eq!(elements[..4], [1.0, 2.0, 5.0, 6.0]);
        assert_eq!(elements.len(), 12);
        let same = Tensor::new(7_f32, &Device::Cpu)?.broadcast_as((2, 2))?;
        assert_eq!(read(&same)?, [7.0; 4]);
        Ok(())
    }

    #[test]
    fn views_and_other_types_are_read_by_value() -> Result<()> {
        let values = |tensor: &Tensor| {
            read(
                tensor,
                |values| values.iter().map(|value| f64::from(*value)).collect(),
                <[f64]>::to_vec,
            )
        };
        let tensor = Tensor::new(&[[1_f32, 2.0, 3.0], [4.0, 5.0, 6.0]], &Device::Cpu)?;
        assert_eq!(values(&tensor.t()?)?, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(values(&tensor.narrow(0, 1, 1)?)?, [4.0, 5.0, 6.0]);
        assert_eq!(values(&tensor.narrow(1, 1, 1)?)?, [2.0, 5.0]);
        assert_eq!(values(&tensor.narrow(1, 1, 0)?)?, [0.0; 0]);
        for dtype in [DType::F16, DType::BF16, DType::F64] {
            assert_eq!(values(&tensor.to_dtype(dtype)?)?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        }
        let broadcast = Tensor::new(7_f32, &Device::Cpu)?.broadcast_as((2, 2))?;
        assert_eq!(values(&broadcast)?, [7.0; 4]);
        Ok(())
    }
}
