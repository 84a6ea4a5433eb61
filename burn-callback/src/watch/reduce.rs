//! All that is said of one tensor, computed on the tensor's own device.
//!
//! Nothing is read back on the way: the limits of the histogram are tensors too. What comes out is
//! a short row of floats.
//!
//! Values are divided by the greatest magnitude before they are squared, so that neither gradients
//! of 1e-25 vanish nor those of 1e25 overflow.

use burn::{
    prelude::*,
    tensor::{DType, IndexingUpdateOp},
};

/// How many elements are worked on at a time. It bounds the memory that a large tensor takes
/// besides its own, and keeps all counts exact in f32.
const PIECE: usize = 1 << 22;

/// How many elements share a row of counters: with one row, all threads of a GPU would add to the
/// same few counters.
const COLUMNS: usize = 256;

/// Counters besides the bins: NaN, infinite, and what fills the last row.
const NAN: usize = 0;
const INFINITE: usize = 1;
const FILLER: usize = 2;
const OTHER_COUNTERS: usize = 3;

/// The statistics of one tensor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statistics {
    /// The least and the greatest finite value; 0 if there is none.
    pub(crate) limits: (f64, f64),
    /// The square root of the sum of squares; NaN or infinite if one of the values is.
    pub(crate) norm: f64,
    /// How many values are NaN.
    pub(crate) nan: u64,
    /// How many values are infinite.
    pub(crate) infinite: u64,
    /// How many finite values are in each bin between the limits.
    pub(crate) counts: Vec<u64>,
}

/// How many floats [`reduce`] makes of a tensor of `elements` values.
pub(crate) fn reduced_len(elements: usize, bins: usize) -> usize {
    2 + elements.div_ceil(PIECE) * piece_len(bins)
}

/// The sum of squares and the counters of one piece.
fn piece_len(bins: usize) -> usize {
    1 + bins + OTHER_COUNTERS
}

/// Reduces f32 `values` `[n]`, where `n` is not 0, to `[reduced_len(n, bins)]`. `bins` is not 0.
pub(crate) fn reduce(values: Tensor<1>, bins: usize) -> Tensor<1> {
    let pieces: Vec<Piece> = pieces(values).into_iter().map(Piece::new).collect();
    let least = Tensor::cat(pieces.iter().map(Piece::least).collect(), 0).min();
    let greatest = Tensor::cat(pieces.iter().map(Piece::greatest).collect(), 0).max();
    let scale = Scale::new(&least, &greatest, bins);
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
    bins: usize,
}

impl Scale {
    fn new(least: &Tensor<1>, greatest: &Tensor<1>, bins: usize) -> Self {
        let magnitude = least.clone().abs().max_pair(greatest.clone().abs());
        let magnitude = magnitude.clamp_min(f32::MIN_POSITIVE);
        let least = least.clone() / magnitude.clone();
        let width = greatest.clone() / magnitude.clone() - least.clone();
        // All values are the same, or none is finite: everything goes into the first bin.
        let none = width.clone().lower_equal_scalar(0.0);
        let density = width.mask_fill(none, 1.0).recip() * bins as f32;
        Self { magnitude, least, density, bins }
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

    /// The sum of squares `[1]` and the counters `[bins + OTHER_COUNTERS]`.
    fn sums(self, scale: &Scale) -> [Tensor<1>; 2] {
        let shares = self.values.mask_fill(self.not_finite.clone(), 0.0) / scale.magnitude.clone();
        let squares = (shares.clone() * shares.clone()).sum();
        let position = (shares - scale.least.clone()) * scale.density.clone();
        // Only the greatest value comes out beyond the last bin, of which it is a part.
        let counter = position.clamp_max((scale.bins - 1) as f32);
        let counter = counter.mask_fill(self.not_finite, (scale.bins + INFINITE) as f32);
        let counter = counter.mask_fill(self.nan, (scale.bins + NAN) as f32);
        [squares, count(counter.int(), scale.bins)]
    }
}

/// How often each counter is named in `counters` `[n]`.
fn count(counters: Tensor<1, Int>, bins: usize) -> Tensor<1> {
    let (device, elements) = (counters.device(), counters.dims()[0]);
    let columns = elements.min(COLUMNS);
    let rows = elements.div_ceil(columns);
    let filler = rows * columns - elements;
    let counters = if filler == 0 {
        counters
    } else {
        let of_type = (&device, counters.dtype());
        let filler = Tensor::<1, Int>::full([filler], (bins + FILLER) as i32, of_type);
        Tensor::cat(vec![counters, filler], 0)
    };
    // f32, whatever the device's own float type: f16 counts to 2,048.
    let ones = Tensor::<2>::ones([rows, columns], (&device, DType::F32));
    let zeros = Tensor::<2>::zeros([rows, bins + OTHER_COUNTERS], (&device, DType::F32));
    let counts = zeros.scatter(1, counters.reshape([rows, columns]), ones, IndexingUpdateOp::Add);
    counts.sum_dim(0).reshape([bins + OTHER_COUNTERS])
}

impl Statistics {
    /// What [`reduce`] says of a tensor; `None` if `reduced` has another length.
    pub(crate) fn read(reduced: &[f32], bins: usize) -> Option<Self> {
        let (&[least, greatest], pieces) = reduced.split_first_chunk()?;
        let (mut squares, mut counts) = (0.0, vec![0; bins + OTHER_COUNTERS]);
        let pieces = pieces.chunks_exact(piece_len(bins));
        if pieces.len() == 0 || !pieces.remainder().is_empty() {
            return None;
        }
        for piece in pieces {
            let (sum, of_piece) = piece.split_first()?;
            squares += f64::from(*sum);
            for (count, more) in counts.iter_mut().zip(of_piece) {
                *count += whole(*more);
            }
        }
        let others = counts.split_off(bins);
        let [nan, infinite, _] = others[..] else { return None };
        let any = counts.iter().any(|count| *count > 0);
        let limits = if any { (f64::from(least), f64::from(greatest)) } else { (0.0, 0.0) };
        let norm = norm(limits, squares, nan, infinite);
        Some(Self { limits, norm, nan, infinite, counts })
    }
}

fn norm((least, greatest): (f64, f64), squares: f64, nan: u64, infinite: u64) -> f64 {
    match (nan, infinite) {
        (0, 0) => {
            let magnitude = least.abs().max(greatest.abs());
            magnitude.max(f64::from(f32::MIN_POSITIVE)) * squares.sqrt()
        }
        (0, _) => f64::INFINITY,
        _ => f64::NAN,
    }
}

#[expect(clippy::cast_sign_loss, reason = "a count is not negative")]
fn whole(count: f32) -> u64 {
    count.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistics(values: &[f32], bins: usize) -> Statistics {
        let device = Device::flex();
        let tensor = Tensor::<1>::from_floats(values, &device);
        let reduced = reduce(tensor, bins).into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(reduced.len(), reduced_len(values.len(), bins));
        Statistics::read(&reduced, bins).unwrap()
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

    #[test]
    fn a_row_of_another_length_is_refused() {
        assert_eq!(Statistics::read(&[], 2), None);
        assert_eq!(Statistics::read(&[0.0, 1.0], 2), None);
        assert_eq!(Statistics::read(&[0.0; 9], 2), None);
    }
}
