//! TensorBoard's histograms, whose bins may have any width, as bins of equal width.

use tracker_core::Histogram;

use crate::tensorboard::{
    tensor::Tensor,
    wire::{self, Fields, Wire},
};

/// The most bins that are read of a histogram.
const MOST_BINS: usize = 1 << 12;

/// Into so many bins goes a histogram whose bins are not equally wide.
const EQUAL_BINS: usize = 64;

/// Edges that are so near, as a share of the whole width, are the same: many writers keep them with 32 bits.
const NEAR: f64 = 1e-5;

/// A histogram as it comes over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// Its bins as they were.
    Same(Histogram),
    /// Its bins had other widths: the counts are spread over equal ones.
    Spread(Histogram),
}

/// A bin: its edges, and how many values are in it.
type Bin = [f64; 3];

/// Of a tensor with an edge, the next one and a count for each bin.
pub(crate) fn of_tensor(tensor: &Tensor<'_>) -> Option<Found> {
    let [bins, 3] = tensor.shape() else { return None };
    let bins = usize::try_from(*bins).ok().filter(|bins| *bins <= MOST_BINS)?;
    let mut numbers: Vec<f64> = tensor.numbers().take(bins * 3).collect();
    let last = numbers.last().copied();
    numbers.resize(bins * 3, last.unwrap_or_default());
    let (bins, _) = numbers.as_chunks::<3>();
    of_bins(bins)
}

/// Of the older form, which has right edges. The outermost edges are as far as numbers go, so that the least and the
/// greatest value count in their place.
pub(crate) fn of_message(message: &[u8]) -> Option<Found> {
    // A zero is not written.
    let edge = |field| wire::double_of(message, field).unwrap_or_default();
    let (least, greatest) = (edge(1), edge(2));
    let limits: Vec<f64> = doubles(message, 6).take(MOST_BINS + 1).collect();
    let counts: Vec<f64> = doubles(message, 7).take(MOST_BINS + 1).collect();
    if limits.len() != counts.len() || counts.len() > MOST_BINS {
        return None;
    }
    let first = counts.iter().position(|count| *count > 0.0)?;
    let last = counts.iter().rposition(|count| *count > 0.0)?;
    let mut left = least;
    let mut bins = Vec::with_capacity(last + 1 - first);
    for (index, (limit, count)) in limits.iter().zip(&counts).enumerate().skip(first) {
        let right = if index >= last { greatest } else { *limit };
        bins.push([left, right, *count]);
        left = right;
        if index == last {
            break;
        }
    }
    of_bins(&bins)
}

fn doubles(message: &[u8], number: u64) -> impl Iterator<Item = f64> {
    Fields(message).filter_map(Result::ok).flat_map(move |field| {
        let (one, many) = match field {
            (found, Wire::Fixed64(bits)) if found == number => (Some(bits), &[][..]),
            (found, Wire::Bytes(packed)) if found == number => (None, packed),
            _ => (None, &[][..]),
        };
        let (chunks, _) = many.as_chunks::<8>();
        let many = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk));
        one.into_iter().chain(many).map(f64::from_bits)
    })
}

fn of_bins(bins: &[Bin]) -> Option<Found> {
    let (Some([least, ..]), Some([_, greatest, _])) = (bins.first(), bins.last()) else {
        return Some(Found::Same(Histogram::new(0.0, 0.0, Vec::new())));
    };
    let (least, greatest) = (*least, *greatest);
    let is_bin = |[left, right, count]: &Bin| {
        (least..=greatest).contains(left) && (*left..=greatest).contains(right) && *count >= 0.0
    };
    let width = greatest - least;
    let total: f64 = bins.iter().map(|[_, _, count]| count).sum();
    if !bins.iter().all(is_bin) || !width.is_finite() || !total.is_finite() {
        return None;
    }
    if width == 0.0 {
        return Some(Found::Same(Histogram::new(least, greatest, vec![count_of(total)])));
    }
    let step = width / bins.len() as f64;
    let is_near =
        |index: usize, edge: f64| (edge - (least + step * index as f64)).abs() <= NEAR * width;
    let are_equal = bins.iter().enumerate().all(|(index, [left, right, count])| {
        is_near(index, *left) && is_near(index + 1, *right) && count.fract() == 0.0
    });
    if are_equal {
        let counts = bins.iter().map(|[_, _, count]| count_of(*count)).collect();
        return Some(Found::Same(Histogram::new(least, greatest, counts)));
    }
    Some(Found::Spread(Histogram::new(least, greatest, spread(bins, least, width))))
}

/// A number that is not below zero, as a count.
#[expect(clippy::cast_sign_loss, reason = "it is not below zero")]
fn count_of(number: f64) -> u64 {
    number.round() as u64
}

/// Counts in bins of equal width, as if each bin's values lay evenly in it. All of them together stay as many.
fn spread(bins: &[Bin], least: f64, width: f64) -> Vec<u64> {
    let mut counts = Vec::with_capacity(EQUAL_BINS);
    let mut before = 0;
    for index in 1..=EQUAL_BINS {
        let edge = least + width * (index as f64 / EQUAL_BINS as f64);
        let is_last = index == EQUAL_BINS;
        let below: f64 = bins
            .iter()
            .map(|[left, right, count]| {
                if is_last || *right <= edge {
                    *count
                } else if *left < edge {
                    count * ((edge - left) / (right - left))
                } else {
                    0.0
                }
            })
            .sum();
        let below = count_of(below).max(before);
        counts.push(below - before);
        before = below;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bins_stay_as_they_are() {
        let bins = [[0.0, 0.5, 3.0], [0.5, 1.0, 4.0]];
        assert_eq!(of_bins(&bins), Some(Found::Same(Histogram::new(0.0, 1.0, vec![3, 4]))));
        let one = [[2.0, 2.0, 0.0], [2.0, 2.0, 9.0]];
        assert_eq!(of_bins(&one), Some(Found::Same(Histogram::new(2.0, 2.0, vec![9]))));
    }

    #[test]
    fn other_bins_are_spread_and_no_value_is_lost() {
        let bins = [[0.0, 0.1, 10.0], [0.1, 6.4, 90.0]];
        let Some(Found::Spread(histogram)) = of_bins(&bins) else { panic!("not spread") };
        assert_eq!(histogram.counts.iter().sum::<u64>(), 100);
        assert_eq!(histogram.counts[0], 10);
        assert_eq!((histogram.min, histogram.max), (0.0, 6.4));
    }

    #[test]
    fn what_is_no_histogram_is_none() {
        for bins in [
            [[0.0, f64::NAN, 1.0], [0.0, 1.0, 1.0]],
            [[0.0, 1.0, -1.0], [1.0, 2.0, 1.0]],
            [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]],
            [[f64::MIN, 0.0, 1.0], [0.0, f64::MAX, 1.0]],
        ] {
            assert_eq!(of_bins(&bins), None, "{bins:?}");
        }
    }
}
