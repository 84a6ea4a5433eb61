//! The interquartile mean.

use crate::stats::{
    Interval,
    bootstrap::{by_places, finite},
    spread::mean,
};

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
    let mut sorted = finite(values);
    sorted.sort_unstable_by(f64::total_cmp);
    of_sorted(&sorted)
}

fn of_sorted(sorted: &[f64]) -> Option<f64> {
    let cut = sorted.len() / 4;
    mean(sorted.get(cut..sorted.len() - cut)?)
}

/// Between which values [`interquartile_mean`] lies with the probability `level`: what
/// [`bootstrap`](crate::stats::bootstrap()) finds for it, to the bit, in a fifth of the time. `None` of fewer than two
/// finite values.
///
/// ```
/// use tracker_core::stats::interquartile_mean_interval;
///
/// let interval = interquartile_mean_interval(&[0.91, 0.92, 0.90, 0.95, 0.93], 0.95);
/// assert!(interval.unwrap().contains(0.92));
/// ```
pub fn interquartile_mean_interval(values: &[f64], level: f64) -> Option<Interval> {
    let values = finite(values);
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    // Drawn values are counted by their order, which never changes: so a round sorts nothing.
    let order = |value: &f64| sorted.partition_point(|known| known.total_cmp(value).is_lt());
    let orders: Vec<usize> = values.iter().map(order).collect();
    let mut counts = vec![0_usize; values.len()];
    let mut drawn = Vec::with_capacity(values.len());
    by_places([values.len()], level, |[places]| {
        counts.fill(0);
        for place in places {
            *counts.get_mut(*orders.get(*place)?)? += 1;
        }
        drawn.clear();
        for (value, count) in sorted.iter().zip(&counts) {
            drawn.extend(std::iter::repeat_n(*value, *count));
        }
        of_sorted(&drawn)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{bootstrap, draws::Draws};

    #[test]
    fn its_interval_is_that_of_the_bootstrap_to_the_bit() {
        let mut draws = Draws::new(7);
        for size in [1, 2, 5, 50] {
            let mut values: Vec<f64> =
                (0..size).map(|_| draws.below(30) as f64 / 7.0 - 1.0).collect();
            values.extend([f64::INFINITY, -0.0]);
            let wanted = bootstrap([&values], 0.95, |[drawn]| interquartile_mean(drawn));
            assert_eq!(interquartile_mean_interval(&values, 0.95), wanted);
            assert!(wanted.is_some());
        }
    }

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
