//! Several losses as one: `ParEGO` (Knowles 2006, "a hybrid algorithm with on-line landscape approximation for expensive
//! multiobjective optimization problems").

use fastrand::Rng;
use libm::log;

/// How much the sum of the weighted losses counts beside the greatest of them: Knowles' ρ. Without it, what is worse in
/// one metric and equal in the others would count as equal.
const AUGMENTATION: f64 = 0.05;

/// One loss for each trial: the losses on a scale from the best to the worst of each metric, weighted, by the augmented
/// Tchebycheff function. The weights are drawn anew each time, so that over many trials all of the front is looked for.
/// A single metric's losses are as they were.
pub(super) fn scalars(losses: Vec<Vec<f64>>, draws: &mut Rng) -> Vec<f64> {
    let metrics = losses.iter().map(Vec::len).max().unwrap_or(0);
    if metrics <= 1 {
        return losses.into_iter().flatten().collect();
    }
    let weights = weights(metrics, draws);
    let scales: Vec<(f64, f64)> = (0..metrics).map(|metric| scale(&losses, metric)).collect();
    let scalar = |losses: &Vec<f64>| {
        let each = losses.iter().zip(&scales).zip(&weights);
        let weighted: Vec<f64> =
            each.map(|((loss, (best, width)), weight)| weight * (loss - best) / width).collect();
        let greatest = weighted.iter().copied().fold(0.0, f64::max);
        greatest + AUGMENTATION * weighted.iter().sum::<f64>()
    };
    losses.iter().map(scalar).collect()
}

/// Weights whose sum is 1, any of them as likely as any other: exponential draws over their sum.
fn weights(metrics: usize, draws: &mut Rng) -> Vec<f64> {
    let drawn: Vec<f64> = (0..metrics).map(|_| -log(1.0 - draws.f64()) + 1e-12).collect();
    let sum: f64 = drawn.iter().sum();
    drawn.iter().map(|weight| weight / sum).collect()
}

/// The best loss of a metric, and how far the worst is from it; 1 where all are the same.
fn scale(losses: &[Vec<f64>], metric: usize) -> (f64, f64) {
    let known = || losses.iter().filter_map(|losses| losses.get(metric).copied());
    let (best, worst) =
        (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let width = worst - best;
    (best, if width > 0.0 { width } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_metric_stays_as_it_is() {
        assert_eq!(scalars(vec![vec![3.0], vec![-1.0]], &mut Rng::with_seed(0)), [3.0, -1.0]);
        assert!(scalars(Vec::new(), &mut Rng::with_seed(0)).is_empty());
    }

    #[test]
    fn what_is_better_in_one_and_worse_in_none_is_better_by_all_weights() {
        for seed in 0..100 {
            let losses = vec![vec![1.0, 1e6, 0.0], vec![1.0, 2e6, 0.0], vec![3.0, 0.0, 0.0]];
            let found = scalars(losses, &mut Rng::with_seed(seed));
            assert!(found[0] < found[1], "{found:?}");
        }
    }

    #[test]
    fn by_some_weights_one_end_of_the_front_is_the_best_and_by_some_the_other() {
        let best = |seed: u64| {
            let found = scalars(vec![vec![0.0, 10.0], vec![1.0, 0.0]], &mut Rng::with_seed(seed));
            usize::from(found[1] < found[0])
        };
        let second: usize = (0..100).map(best).sum();
        assert!((20..=80).contains(&second), "{second}");
    }
}
