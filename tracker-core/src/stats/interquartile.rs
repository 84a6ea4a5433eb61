//! The interquartile mean.

use crate::stats::spread::mean;

/// The mean of the middle half of the finite values: a quarter of them, rounded down, is left out at each end. It does
/// not follow single runs that went wrong, as the mean does, and needs fewer runs than the median. `None` of none.
///
/// This is how rliable has it, by `scipy.stats.trim_mean(values, 0.25)`: R. Agarwal et al., "Deep reinforcement learning
/// at the edge of the statistical precipice" (2021).
///
/// ```
/// let mean = tracker_core::stats::interquartile_mean(&[2.0, 1.0, 3.0, 2.5, 1000.0]);
/// assert_eq!(mean, Some(2.5));
/// ```
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    mean(sorted.get(cut..sorted.len() - cut)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_rliable() {
        // scipy.stats.trim_mean(values, 0.25), which is rliable's aggregate_iqm
        let cases: [(&[f64], f64); 5] = [
            (&[1.0, 2.0, 3.0], 2.0),
            (&[5.0, 1.0, 4.0, 2.0, 3.0], 3.0),
            (&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], 3.5),
            (&[0.9, 0.8, 0.1, 0.7, 0.6, 0.65, 1.9], 0.73),
            (&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 100.0], 6.0),
        ];
        for (values, wanted) in cases {
            assert!((interquartile_mean(values).unwrap() - wanted).abs() < 1e-9, "{values:?}");
        }
        assert_eq!(interquartile_mean(&[f64::NAN]), None);
        assert_eq!(interquartile_mean(&[7.0, f64::NAN]), Some(7.0));
    }
}
