//! Which choices trials have: for each trial, most of the probability on its own.

use fastrand::Rng;
use libm::log;

/// The distributions of choices that trials have, and at last one in which all are as likely.
#[derive(Debug)]
pub(super) struct Choices {
    /// The places that may be chosen.
    enabled: Vec<usize>,
    /// The probability of each of them, by trial.
    rows: Vec<Vec<f64>>,
}

impl Choices {
    /// Of the places that trials have; each is among the enabled ones.
    pub(super) fn new(enabled: Vec<usize>, values: &[f64]) -> Self {
        let rest = 1.0 / (values.len() + 1) as f64;
        let row = |value: &f64| {
            let weights = enabled.iter().map(|place| rest + f64::from(*place as f64 == *value));
            let sum = 1.0 + rest * enabled.len() as f64;
            weights.map(|weight| weight / sum).collect()
        };
        let mut rows: Vec<Vec<f64>> = values.iter().map(row).collect();
        rows.push(vec![1.0 / enabled.len().max(1) as f64; enabled.len()]);
        Self { enabled, rows }
    }

    /// A place by the distribution of this number.
    pub(super) fn draw(&self, row: usize, draws: &mut Rng) -> f64 {
        let at = self.rows.get(row).map_or(0, |row| drawn(row, draws));
        self.enabled.get(at).map_or(0.0, |place| *place as f64)
    }

    /// The logarithm of the probability of a place by each distribution.
    pub(super) fn densities(&self, value: f64) -> Vec<f64> {
        let at = self.enabled.iter().position(|place| *place as f64 == value);
        let density = |row: &Vec<f64>| {
            at.and_then(|at| row.get(at)).map_or(f64::NEG_INFINITY, |probability| log(*probability))
        };
        self.rows.iter().map(density).collect()
    }
}

/// A place, each as likely as it weighs; the weights' sum is 1.
pub(super) fn drawn(weights: &[f64], draws: &mut Rng) -> usize {
    let mut left = draws.f64();
    for (place, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return place;
        }
    }
    weights.len().saturating_sub(1)
}
