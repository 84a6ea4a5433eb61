//! All that is said of one tensor, computed on the tensor's own device.
//!
//! Nothing is read back on the way: the limits of the histogram are tensors too. What comes out is
//! a short row of floats, laid out as [`Reduced`] says.

use burn::{
    prelude::*,
    tensor::{DType, IndexingUpdateOp},
};
use tracker_core::adapter::Reduced;

/// How many elements are worked on at a time. It bounds the memory that a large tensor takes
/// besides its own, and keeps all counts exact in f32.
const PIECE: usize = 1 << 22;

/// How many elements share a row of counters: with one row, all threads of a GPU would add to the
/// same few counters.
const COLUMNS: usize = 256;

/// How many floats [`reduce`] makes of a tensor of `elements` values.
pub(crate) fn reduced_len(elements: usize, row: Reduced) -> usize {
    row.len(elements.div_ceil(PIECE))
}

/// Reduces f32 `values` `[n]`, where `n` is not 0, to `[reduced_len(n, row)]`.
pub(crate) fn reduce(values: Tensor<1>, row: Reduced) -> Tensor<1> {
    let pieces: Vec<Piece> = pieces(values).into_iter().map(Piece::new).collect();
    let least = Tensor::cat(pieces.iter().map(Piece::least).collect(), 0).min();
    let greatest = Tensor::cat(pieces.iter().map(Piece::greatest).collect(), 0).max();
    let scale = Scale::new(&least, &greatest, row);
    let mut reduced = vec![least, greatest];
    for piece in pieces {
        reduced.extend(piece.sums(&scale));
    }
    Tensor::cat(reduced, 0)
}

fn pieces(values: Tensor<1>) -> Vec<Tensor<1>> {
    if values.dims()[0] <= PIECE { vec![values] } else { values.split(PIECE, 0) }
}

/// Some elements of the tensor, and which of them are no numbers.
struct Piece {
    values: Tensor<1>,
    nan: Tensor<1, Bool>,
    not_finite: Tensor<1, Bool>,
}

/// What values are measured with, each `[1]`.
struct Scale {
    /// The greatest magnitude.
    magnitude: Tensor<1>,
    /// The least value as a share of the magnitude.
    least: Tensor<1>,
    /// Bins per magnitude.
    density: Tensor<1>,
    row: Reduced,
}

impl Scale {
    fn new(least: &Tensor<1>, greatest: &Tensor<1>, row: Reduced) -> Self {
        let magnitude = least.clone().abs().max_pair(greatest.clone().abs());
        let magnitude = magnitude.clamp_min(f32::MIN_POSITIVE);
        let least = least.clone() / magnitude.clone();
        let width = greatest.clone() / magnitude.clone() - least.clone();
        // All values are the same, or none is finite: everything goes into the first bin.
        let none = width.clone().lower_equal_scalar(0.0);
        let density = width.mask_fill(none, 1.0).recip() * row.bins() as f32;
        Self { magnitude, least, density, row }
    }
}

impl Piece {
    fn new(values: Tensor<1>) -> Self {
        let nan = values.clone().is_nan();
        let not_finite = nan.clone().bool_or(values.clone().is_inf());
        Self { values, nan, not_finite }
    }

    fn least(&self) -> Tensor<1> {
        self.values.clone().mask_fill(self.not_finite.clone(), f32::MAX).min()
    }

    fn greatest(&self) -> Tensor<1> {
        self.values.clone().mask_fill(self.not_finite.clone(), f32::MIN).max()
    }

    /// The sum of squares `[1]` and the counters `[counters]`.
    fn sums(self, scale: &Scale) -> [Tensor<1>; 2] {
        let row = scale.row;
        let shares = self.values.mask_fill(self.not_finite.clone(), 0.0) / scale.magnitude.clone();
        let squares = (shares.clone() * shares.clone()).sum();
        let position = (shares - scale.least.clone()) * scale.density.clone();
        // Only the greatest value comes out beyond the last bin, of which it is a part.
        let counter = position.clamp_max((row.bins() - 1) as f32);
        let counter = counter.mask_fill(self.not_finite, row.infinite() as f32);
        let counter = counter.mask_fill(self.nan, row.nan() as f32);
        [squares, count(counter.int(), row)]
    }
}

/// How often each counter is named in `counters` `[n]`.
fn count(counters: Tensor<1, Int>, row: Reduced) -> Tensor<1> {
    let (device, elements) = (counters.device(), counters.dims()[0]);
    let columns = elements.min(COLUMNS);
    let rows = elements.div_ceil(columns);
    let filler = rows * columns - elements;
    let counters = if filler == 0 {
        counters
    } else {
        let of_type = (&device, counters.dtype());
        let filler = Tensor::<1, Int>::full([filler], row.filler() as i32, of_type);
        Tensor::cat(vec![counters, filler], 0)
    };
    // f32, whatever the device's own float type: f16 counts to 2,048.
    let ones = Tensor::<2>::ones([rows, columns], (&device, DType::F32));
    let zeros = Tensor::<2>::zeros([rows, row.counters()], (&device, DType::F32));
    let counts = zeros.scatter(1, counters.reshape([rows, columns]), ones, IndexingUpdateOp::Add);
    counts.sum_dim(0).reshape([row.counters()])
}

#[cfg(test)]
mod tests {
    use tracker_core::adapter::Statistics;

    use super::*;

    fn statistics(values: &[f32], bins: usize) -> Statistics {
        let (device, row) = (Device::flex(), Reduced::new(bins));
        let tensor = Tensor::<1>::from_floats(values, &device);
        let reduced = reduce(tensor, row).into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(reduced.len(), reduced_len(values.len(), row));
        row.read(&reduced).unwrap()
    }

    #[test]
    fn values_are_counted_in_bins_of_equal_width() {
        let found = statistics(&[-1.0, -0.9, -0.4, 0.1, 0.6, 0.7, 1.0], 4);
        assert_eq!(found.limits, (-1.0, 1.0));
        assert_eq!(found.counts, [2, 1, 1, 3]);
        let squares = 1.0 + 0.81 + 0.16 + 0.01 + 0.36 + 0.49 + 1.0_f64;
        assert!((found.norm - squares.sqrt()).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn what_is_no_number_is_in_no_bin() {
        let found = statistics(&[2.0, f32::NAN, 3.0, f32::INFINITY, f32::NEG_INFINITY], 2);
        assert_eq!((found.nan, found.infinite), (1, 2));
        assert_eq!((found.limits, &found.counts[..]), ((2.0, 3.0), &[1, 1][..]));
        assert!(found.norm.is_nan());
        assert_eq!(statistics(&[1.0, f32::INFINITY], 2).norm, f64::INFINITY);
    }

    #[test]
    fn without_any_number_there_are_no_limits() {
        let found = statistics(&[f32::NAN; 3], 2);
        assert_eq!((found.limits, &found.counts[..], found.nan), ((0.0, 0.0), &[0, 0][..], 3));
    }

    #[test]
    fn equal_values_share_the_first_bin() {
        for value in [0.0, 0.25, -3.0] {
            let found = statistics(&[value; 5], 3);
            assert_eq!(found.counts, [5, 0, 0], "{value}");
            assert!((found.norm - f64::from(value.abs()) * 5_f64.sqrt()).abs() < 1e-6, "{found:?}");
        }
        assert_eq!(statistics(&[7.5], 3).counts, [1, 0, 0]);
    }

    #[test]
    fn magnitudes_at_the_ends_of_f32_neither_vanish_nor_overflow() {
        for magnitude in [1e-30_f32, 1e-25, 1e25, 3e38] {
            let found = statistics(&[magnitude, -magnitude], 4);
            let norm = f64::from(magnitude) * 2_f64.sqrt();
            assert!((found.norm / norm - 1.0).abs() < 1e-6, "{found:?}");
            assert_eq!(found.counts, [1, 0, 0, 1]);
        }
    }

    #[test]
    fn every_element_of_a_large_tensor_counts_once() {
        for elements in [255, 256, 257, 1_000, PIECE + 3] {
            let values: Vec<f32> = (0..elements).map(|index| (index % 10) as f32).collect();
            let found = statistics(&values, 10);
            let expected = |digit: usize| values.iter().filter(|v| **v == digit as f32).count();
            let expected: Vec<u64> = (0..10).map(|digit| expected(digit) as u64).collect();
            assert_eq!(found.counts, expected, "{elements}");
            assert_eq!((found.nan, found.infinite), (0, 0));
            let squares: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
            assert!((found.norm / squares.sqrt() - 1.0).abs() < 1e-5, "{found:?}");
        }
    }
}
