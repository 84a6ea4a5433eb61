//! How times relate to those of the same rounds in another way.

use crate::random::Random;

/// A ratio with the interval in which it lies with 95 % confidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    pub(crate) mean: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

const RESAMPLES: usize = 10_000;

impl Ratio {
    /// The geometric mean of `times` by `others`, pair by pair.
    pub(crate) fn of(times: &[f64], others: &[f64]) -> Self {
        let logs: Vec<f64> =
            times.iter().zip(others).map(|(time, other)| (time / other).ln()).collect();
        let mut random = Random::new();
        let mut means: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let drawn = (0..logs.len()).map(|_| logs[random.below(logs.len())]);
                drawn.sum::<f64>() / logs.len() as f64
            })
            .collect();
        means.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| means[((RESAMPLES - 1) as f64 * share) as usize].exp();
        let mean = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
        Self { mean, low: at(0.025), high: at(0.975) }
    }
}
