//! How often one group's runs do better than another's.

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
    let mut sorted: Vec<f64> = baseline.iter().copied().filter(|value| value.is_finite()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

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
