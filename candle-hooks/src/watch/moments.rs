//! Norm, limits and what is no number, in one pass over a tensor on the CPU.

use tracker_core::adapter::{
    Statistics,
    sums::{self, BLOCK, LANES, Real},
};

use crate::watch::bins;

/// The statistics of `values`, with so many bins; 0 for no histogram.
pub(super) fn statistics<T: Real>(values: &[T], bins: usize) -> Statistics {
    let moments = Moments::of(values);
    let (nan, infinite) = (moments.nan, moments.infinite);
    let norm = sums::norm_of(values, moments.squares);
    let has_numbers = nan + infinite < values.len() as u64;
    let limits =
        if has_numbers { (moments.least.into(), moments.greatest.into()) } else { (0.0, 0.0) };
    let counts = match (bins, nan + infinite) {
        (0, _) => Vec::new(),
        (_, 0) => bins::count(values, limits, bins),
        _ => {
            let numbers = values.iter().copied().filter(|value| (*value).into().is_finite());
            bins::count(&numbers.collect::<Vec<_>>(), limits, bins)
        }
    };
    Statistics { limits, norm, nan, infinite, counts }
}

/// What a pass over all values tells.
struct Moments<T> {
    squares: f64,
    /// Of the finite values; infinite if there is none.
    least: T,
    greatest: T,
    nan: u64,
    infinite: u64,
}

impl<T: Real> Moments<T> {
    fn of(values: &[T]) -> Self {
        let (least, greatest) = (T::INFINITY, T::NEG_INFINITY);
        let mut moments = Self { squares: 0.0, least, greatest, nan: 0, infinite: 0 };
        for block in values.chunks(BLOCK) {
            moments.take(block);
        }
        moments
    }

    fn take(&mut self, block: &[T]) {
        let squares = sums::squares(block);
        self.squares += squares;
        if squares.is_finite() {
            // So are all values: there is no need to look at each.
            let (least, greatest) = limits(block);
            self.least = lesser(self.least, least);
            self.greatest = greater(self.greatest, greatest);
            return;
        }
        for value in block {
            let number: f64 = (*value).into();
            if number.is_nan() {
                self.nan += 1;
            } else if number.is_infinite() {
                self.infinite += 1;
            } else {
                self.least = lesser(self.least, *value);
                self.greatest = greater(self.greatest, *value);
            }
        }
    }
}

/// The least and the greatest of values that are all finite.
fn limits<T: Real>(block: &[T]) -> (T, T) {
    (extreme(block, T::INFINITY, lesser), extreme(block, T::NEG_INFINITY, greater))
}

/// What is left of `first` and all values, when `choose` picks one of two.
fn extreme<T: Real>(block: &[T], first: T, choose: impl Fn(T, T) -> T) -> T {
    let (chunks, rest) = block.as_chunks::<LANES>();
    let mut lanes = [first; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = choose(*lane, *value);
        }
    }
    lanes.iter().chain(rest).fold(first, |one, other| choose(one, *other))
}

fn lesser<T: Real>(one: T, other: T) -> T {
    if other < one { other } else { one }
}

fn greater<T: Real>(one: T, other: T) -> T {
    if other > one { other } else { one }
}
