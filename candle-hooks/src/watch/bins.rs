//! Counts values on the CPU by the bin that they fall into.

use tracker_core::adapter::sums::{BLOCK, Real};

/// Bits of an f64 that hold its digits.
const DIGITS: u32 = f64::MANTISSA_DIGITS - 1;

/// How many counters a bin has. Neighbours are often in the same bin, and a counter can be added to
/// only when the addition before is done.
const COUNTERS: usize = 4;

/// How many of the `values`, all finite and within `limits`, are in each bin.
pub(super) fn count<T: Real>(values: &[T], limits: (f64, f64), bins: usize) -> Vec<u64> {
    let Some(scale) = Scale::new(limits, bins) else {
        // All values are the same, or so close that their bins have no width.
        let mut counts = vec![0; bins];
        if let Some(first) = counts.first_mut() {
            *first = values.len() as u64;
        }
        return counts;
    };
    // One bin more, for the greatest value, which ends the last bin.
    let mut counters = vec![[0_u64; COUNTERS]; bins + 1];
    let mut found = [0_u64; BLOCK];
    for block in values.chunks(BLOCK) {
        for (bin, value) in found.iter_mut().zip(block) {
            *bin = scale.bin((*value).into());
        }
        let (groups, rest) = found[..block.len()].as_chunks::<COUNTERS>();
        for group in groups {
            for (counter, bin) in group.iter().enumerate() {
                if let Some(of_bin) = counters.get_mut(*bin as usize) {
                    of_bin[counter] += 1;
                }
            }
        }
        for bin in rest {
            if let Some([first, ..]) = counters.get_mut(*bin as usize) {
                *first += 1;
            }
        }
    }
    let mut counts: Vec<u64> = counters.iter().map(|of_bin| of_bin.iter().sum()).collect();
    let greatest = counts.pop().unwrap_or_default();
    if let Some(last) = counts.last_mut() {
        *last += greatest;
    }
    counts
}

/// Tells the bin of a value without a conversion from float to integer, which would be done for
/// one value at a time.
///
/// The position among the bins is added to a power of two that is greater than all positions. The
/// digits of the sum then are those of the position, with the point at a known place.
#[derive(Clone, Copy)]
struct Scale {
    least: f64,
    /// Bins for each unit.
    density: f64,
    /// The power of two.
    base: f64,
    /// How many digits of the sum stand behind the point.
    fraction: u32,
}

impl Scale {
    fn new((least, greatest): (f64, f64), bins: usize) -> Option<Self> {
        let density = bins as f64 / (greatest - least);
        let exponent = (bins + 1).next_power_of_two().trailing_zeros();
        let scales = density.is_finite() && density > 0.0;
        scales.then(|| Self {
            least,
            density,
            base: 2_f64.powi(exponent as i32),
            fraction: DIGITS - exponent,
        })
    }

    fn bin(self, value: f64) -> u64 {
        let position = (value - self.least) * self.density;
        let digits = (position + self.base).to_bits() & ((1 << DIGITS) - 1);
        digits >> self.fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::cast_sign_loss, reason = "no value is below the least")]
    fn bins_are_those_of_a_division() {
        let values: Vec<f32> = (0..10_007).map(|i| (i as f32 * 0.7).sin() * 3.0 + 1.0).collect();
        let least = values.iter().copied().fold(f32::INFINITY, f32::min);
        let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let limits = (f64::from(least), f64::from(greatest));
        for bins in [1, 2, 3, 7, 63, 64, 65, 1_000] {
            let mut expected = vec![0; bins];
            for value in &values {
                let share = (f64::from(*value) - limits.0) / (limits.1 - limits.0);
                expected[((share * bins as f64) as usize).min(bins - 1)] += 1;
            }
            assert_eq!(count(&values, limits, bins), expected, "{bins}");
        }
    }

    #[test]
    fn a_value_on_an_edge_is_in_the_upper_bin() {
        let values = [0.0_f64, 0.25, 0.5, 0.75, 1.0];
        assert_eq!(count(&values, (0.0, 1.0), 4), [1, 1, 1, 2]);
    }

    #[test]
    fn bins_without_width_are_one() {
        assert_eq!(count(&[2.0_f32; 5], (2.0, 2.0), 3), [5, 0, 0]);
        assert_eq!(count(&[0.0, 5e-324], (0.0, 5e-324), 2), [2, 0]);
        assert_eq!(count(&[0.0_f32; 0], (0.0, 0.0), 2), [0, 0]);
    }
}
