//! Which values of one parameter some trials have.

use fastrand::Rng;
use libm::{exp, log};

use super::{
    choices::{Choices, drawn},
    numbers::Numbers,
    scale::Scale,
};
use crate::Domain;

/// How likely values of one parameter are among some trials: a mixture of what is around the value of each, and of all
/// values.
#[derive(Debug)]
pub(super) struct Estimator {
    /// One for each trial, and one for the values at large; their sum is 1.
    weights: Vec<f64>,
    kernels: Kernels,
}

#[derive(Debug)]
enum Kernels {
    Numbers(Numbers),
    Choices(Choices),
}

/// How many of the newest trials have their whole weight; before them it falls, down to that of one of all trials.
const FULL_WEIGHT: usize = 25;

impl Estimator {
    /// Of the values that trials have, the oldest first. Values that cannot be chosen any more are left out. `None` if
    /// there is only one value to choose.
    pub(super) fn new(domain: &Domain, values: &[f64]) -> Option<Self> {
        let enabled = domain.enabled();
        let is_known = |value: &f64| match domain {
            Domain::Choice { .. } => enabled.iter().any(|place| *place as f64 == *value),
            _ => domain.holds(*value),
        };
        let values: Vec<f64> = values.iter().copied().filter(is_known).collect();
        let kernels = if enabled.is_empty() {
            Kernels::Numbers(Numbers::new(Scale::of(domain)?, &values))
        } else {
            Kernels::Choices(Choices::new((enabled.len() > 1).then_some(enabled)?, &values))
        };
        Some(Self { weights: weights(values.len()), kernels })
    }

    pub(super) fn draw(&self, draws: &mut Rng) -> f64 {
        let kernel = drawn(&self.weights, draws);
        match &self.kernels {
            Kernels::Numbers(numbers) => numbers.draw(kernel, draws),
            Kernels::Choices(choices) => choices.draw(kernel, draws),
        }
    }

    /// The logarithm of how likely a value is.
    pub(super) fn density(&self, value: f64) -> f64 {
        let densities = match &self.kernels {
            Kernels::Numbers(numbers) => numbers.densities(value),
            Kernels::Choices(choices) => choices.densities(value),
        };
        let greatest = densities.iter().copied().fold(f64::MIN, f64::max);
        let parts = densities.iter().zip(&self.weights);
        let sum: f64 = parts.map(|(density, weight)| weight * exp(density - greatest)).sum();
        greatest + log(sum)
    }
}

/// The weights of so many trials, the oldest first, and of the values at large: Optuna's `default_weights`.
fn weights(trials: usize) -> Vec<f64> {
    let older = trials.saturating_sub(FULL_WEIGHT);
    let least = 1.0 / trials.max(1) as f64;
    let ramp = (0..older)
        .map(|at| least + (1.0 - least) * at as f64 / older.saturating_sub(1).max(1) as f64);
    let mut weights: Vec<f64> = ramp.collect();
    weights.resize(trials + 1, 1.0);
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::weights;

    #[test]
    fn older_trials_weigh_less_and_all_weights_make_one() {
        for trials in [0, 1, 2, 24, 25, 26, 27, 100] {
            let weights = weights(trials);
            assert_eq!(weights.len(), trials + 1);
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(weights.is_sorted(), "{weights:?}");
        }
    }
}
