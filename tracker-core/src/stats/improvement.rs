//! How often one group's runs do better than another's.

use crate::stats::{
    Interval,
    bootstrap::{by_places, finite},
};

/// How likely a run of the other group has a greater result than one of the baseline, where equal ones count half: 0.5
/// is no difference. Results that are not finite are left out; `None` if a group has no other.
///
/// It is the statistic of Mann and Whitney as a share, which rliable calls the probability of improvement: R. Agarwal et
/// al., "Deep reinforcement learning at the edge of the statistical precipice" (2021).
///
/// ```
/// use tracker_core::stats::probability_of_greater;
///
/// assert_eq!(probability_of_greater(&[1.0, 2.0], &[2.0, 3.0]), Some(0.875));
/// ```
pub fn probability_of_greater(baseline: &[f64], other: &[f64]) -> Option<f64> {
    let mut sorted = finite(baseline);
    sorted.sort_unstable_by(f64::total_cmp);
    let other = other.iter().filter(|value| value.is_finite());
    let (mut wins, mut n) = (0.0, 0.0);
    for value in other {
        let less = sorted.partition_point(|known| known < value);
        let at_most = sorted.partition_point(|known| known <= value);
        wins += f64::midpoint(less as f64, at_most as f64);
        n += 1.0;
    }
    let all = n * sorted.len() as f64;
    (all > 0.0).then(|| wins / all)
}

/// Between which values [`probability_of_greater`] lies with the probability `level`: what
/// [`bootstrap`](crate::stats::bootstrap()) finds for it, to the bit, in a tenth of the time. `None` if a group has fewer than two
/// finite results.
///
/// ```
/// use tracker_core::stats::probability_of_greater_interval;
///
/// let interval = probability_of_greater_interval(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0], 0.95);
/// assert!(interval.unwrap().contains(0.7));
/// ```
pub fn probability_of_greater_interval(
    baseline: &[f64],
    other: &[f64],
    level: f64,
) -> Option<Interval> {
    let (baseline, other) = (finite(baseline), finite(other));
    let mut sorted = baseline.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let less = |value: f64| sorted.partition_point(|known| *known < value);
    let at_most = |value: f64| sorted.partition_point(|known| *known <= value);
    // Drawn results are counted by their order, which never changes: so a round compares no two values.
    let orders: Vec<usize> = baseline.iter().map(|value| less(*value)).collect();
    let beaten: Vec<[usize; 2]> =
        other.iter().map(|value| [less(*value), at_most(*value)]).collect();
    // How many of the drawn results come before each in the order.
    let mut before = vec![0_u64; baseline.len() + 1];
    let all = 2.0 * baseline.len() as f64 * other.len() as f64;
    by_places([baseline.len(), other.len()], level, |[of_baseline, of_other]| {
        before.fill(0);
        for place in of_baseline {
            *before.get_mut(*orders.get(*place)? + 1)? += 1;
        }
        let mut sum = 0;
        for count in &mut before {
            sum += *count;
            *count = sum;
        }
        let mut wins = 0;
        for place in of_other {
            let [less, at_most] = *beaten.get(*place)?;
            wins += before.get(less)? + before.get(at_most)?;
        }
        Some(wins as f64 / all)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{bootstrap, draws::Draws};

    #[test]
    fn its_interval_is_that_of_the_bootstrap_to_the_bit() {
        let mut draws = Draws::new(7);
        let mut group =
            |size| -> Vec<f64> { (0..size).map(|_| draws.below(9) as f64 / 3.0).collect() };
        for sizes in [[2, 2], [5, 3], [50, 40], [1, 5]] {
            let [mut baseline, other] = sizes.map(&mut group);
            baseline.push(f64::NAN);
            let wanted = bootstrap([&baseline, &other], 0.95, |[baseline, other]| {
                probability_of_greater(baseline, other)
            });
            assert_eq!(probability_of_greater_interval(&baseline, &other, 0.95), wanted);
            assert_eq!(wanted.is_some(), sizes[0] > 1);
        }
    }

    #[test]
    fn it_is_the_statistic_of_mann_and_whitney() {
        // scipy.stats.mannwhitneyu(other, baseline).statistic / (n * m)
        let a = [0.912, 0.918, 0.909, 0.921, 0.915];
        let b = [0.917, 0.921, 0.915, 0.922, 0.921];
        let close = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-12;
        assert!(close(probability_of_greater(&a, &b), 0.78));
        assert!(close(probability_of_greater(&b, &a), 0.22));
        assert!(close(probability_of_greater(&a, &[0.90, 0.95, 0.93, 0.99]), 0.75));
        assert!(close(probability_of_greater(&[1.0, 2.0, 2.0, 3.0], &[2.0, 2.0, 4.0]), 2.0 / 3.0));
        assert_eq!(probability_of_greater(&[f64::NAN], &b), None);
        assert_eq!(probability_of_greater(&a, &[]), None);
    }
}
