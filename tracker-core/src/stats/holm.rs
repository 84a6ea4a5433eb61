//! Several comparisons at once.

/// The p-values of several comparisons, each made as much greater as is due to there being others: one that is below
/// 0.05 then is so in at most 5 of 100 cases in which nothing differs at all. In the order in which they were given.
///
/// S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979).
///
/// ```
/// assert_eq!(tracker_core::stats::holm(&[0.25, 0.01]), [0.25, 0.02]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    let value = |index: usize| p.get(index).copied().unwrap_or(1.0);
    order.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
    let mut adjusted = vec![1.0; p.len()];
    let mut greatest = 0.0_f64;
    for (before, index) in order.into_iter().enumerate() {
        greatest = greatest.max(value(index) * (p.len() - before) as f64).min(1.0);
        if let Some(slot) = adjusted.get_mut(index) {
            *slot = greatest;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_is_multiplied_most_and_none_overtakes_another() {
        // As statsmodels' multipletests(p, method="holm")
        let close = |found: Vec<f64>, wanted: &[f64]| {
            found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-12)
        };
        assert!(close(holm(&[0.01, 0.04, 0.03, 0.005]), &[0.03, 0.06, 0.06, 0.02]));
        assert!(close(holm(&[0.2, 0.01, 0.04]), &[0.2, 0.03, 0.08]));
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [] as [f64; 0]);
    }
}
