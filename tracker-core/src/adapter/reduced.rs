//! The row of numbers to which a tensor is reduced on its device.

use crate::adapter::Statistics;

/// Counters besides the bins: NaN, infinite, and what only fills up a row.
const OTHER_COUNTERS: usize = 3;

/// Where each number stands in the row that a device makes of a tensor, before the row is read.
///
/// A large tensor is worked on in pieces. Its row is
///
/// | how many | what |
/// |---|---|
/// | 2 | the least and the greatest finite value |
/// | 1 for each piece | the sum of squares of its values, each divided by the greatest magnitude |
/// | [`counters`](Self::counters), after each sum | how many values are in each bin; how many are [NaN](Self::nan), how many [infinite](Self::infinite); a [filler](Self::filler) that is not read |
///
/// The greatest magnitude is that of the least or of the greatest value, and not less than
/// [`f32::MIN_POSITIVE`]. Values are divided by it so that neither gradients of 1e-25 vanish nor
/// those of 1e25 overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reduced {
    bins: usize,
}

impl Reduced {
    /// The row with so many bins. There is at least one: it tells how many values are finite.
    pub fn new(bins: usize) -> Self {
        Self { bins: bins.max(1) }
    }

    /// The number of bins.
    pub fn bins(self) -> usize {
        self.bins
    }

    /// The number of counters of a piece.
    pub fn counters(self) -> usize {
        self.bins + OTHER_COUNTERS
    }

    /// The counter of values that are NaN.
    pub fn nan(self) -> usize {
        self.bins
    }

    /// The counter of values that are infinite.
    pub fn infinite(self) -> usize {
        self.bins + 1
    }

    /// The counter of what is no value of the tensor.
    pub fn filler(self) -> usize {
        self.bins + 2
    }

    /// The length of the row of a tensor in so many pieces.
    pub fn len(self, pieces: usize) -> usize {
        2 + pieces * (1 + self.counters())
    }

    /// The statistics in `row`; `None` if a row has another length.
    pub fn read<T: Copy + Into<f64>>(self, row: &[T]) -> Option<Statistics> {
        let (&[least, greatest], pieces) = row.split_first_chunk()?;
        let (mut squares, mut counts) = (0.0, vec![0; self.counters()]);
        let pieces = pieces.chunks_exact(1 + self.counters());
        if pieces.len() == 0 || !pieces.remainder().is_empty() {
            return None;
        }
        for piece in pieces {
            let (sum, of_piece) = piece.split_first()?;
            squares += (*sum).into();
            for (count, more) in counts.iter_mut().zip(of_piece) {
                *count += whole((*more).into());
            }
        }
        let others = counts.split_off(self.bins);
        let [nan, infinite, _] = others[..] else { return None };
        let any = counts.iter().any(|count| *count > 0);
        let limits = if any { (least.into(), greatest.into()) } else { (0.0, 0.0) };
        let norm = norm(limits, squares, nan, infinite);
        Some(Statistics { limits, norm, nan, infinite, counts })
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
fn whole(count: f64) -> u64 {
    count.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_row_are_summed() {
        let row = [-2.0_f32, 4.0, 1.25, 1.0, 2.0, 0.0, 0.0, 9.0, 0.5, 3.0, 4.0, 0.0, 0.0, 9.0];
        let reduced = Reduced::new(2);
        assert_eq!(row.len(), reduced.len(2));
        let expected = Statistics {
            limits: (-2.0, 4.0),
            norm: 4.0 * 1.75_f64.sqrt(),
            nan: 0,
            infinite: 0,
            counts: vec![4, 6],
        };
        assert_eq!(reduced.read(&row), Some(expected));
        assert_eq!(reduced.read(&row.map(f64::from)), reduced.read(&row));
    }

    #[test]
    fn what_is_no_number_is_told_by_the_counters() {
        let reduced = Reduced::new(0);
        let read = |nan, infinite| reduced.read(&[0.0, 1.0, 1.0, 5.0, nan, infinite, 0.0]).unwrap();
        assert_eq!((read(0.0, 0.0).norm, read(0.0, 2.0).norm), (1.0, f64::INFINITY));
        let found = read(3.0, 2.0);
        assert!(found.norm.is_nan());
        assert_eq!((found.nan, found.infinite, found.limits), (3, 2, (0.0, 1.0)));
    }

    #[test]
    fn without_any_number_there_are_no_limits() {
        let (least, greatest) = (f32::MAX, f32::MIN);
        let found = Reduced::new(1).read(&[least, greatest, 0.0, 0.0, 3.0, 0.0, 0.0]).unwrap();
        assert_eq!((found.limits, found.nan), ((0.0, 0.0), 3));
    }

    #[test]
    fn a_row_of_another_length_is_refused() {
        let read = |row: &[f32]| Reduced::new(2).read(row);
        assert_eq!((read(&[]), read(&[0.0, 1.0]), read(&[0.0; 9])), (None, None, None));
    }
}
