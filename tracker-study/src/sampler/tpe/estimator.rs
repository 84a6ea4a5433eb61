//! Which values of some parameters trials have.

use fastrand::Rng;
use libm::{exp, log};

use super::{
    choices::{Choices, drawn},
    numbers::Numbers,
    scale::Scale,
};
use crate::{Domain, Parameter, Params};

/// How likely values of some parameters together are among some trials: a mixture of what is around the values of each
/// trial, and of all values.
#[derive(Debug)]
pub(super) struct Estimator {
    /// One for each trial, and one for the values at large; their sum is 1.
    weights: Vec<f64>,
    /// For each parameter, what is around its value in each trial.
    kernels: Vec<Kernels>,
}

#[derive(Debug)]
enum Kernels {
    Numbers(Numbers),
    Choices(Choices),
}

/// How many of the newest trials have their whole weight; before them it falls, down to that of one of all trials.
const FULL_WEIGHT: usize = 25;

impl Estimator {
    /// Of the trials that have all of these parameters, the oldest first. Those with a value that cannot be chosen any more
    /// are left out. `None` if there is only one value to choose.
    pub(super) fn new(parameters: &[&Parameter], trials: &[&Params]) -> Option<Self> {
        let enabled: Vec<Vec<usize>> =
            parameters.iter().map(|parameter| parameter.domain.enabled()).collect();
        let row = |params: &&Params| -> Option<Vec<f64>> {
            let each = parameters.iter().zip(&enabled).map(|(parameter, enabled)| {
                let value = *params.get(&parameter.name)?;
                is_known(&parameter.domain, enabled, value).then_some(value)
            });
            each.collect()
        };
        let rows: Vec<Vec<f64>> = trials.iter().filter_map(row).collect();
        let mut kernels = Vec::new();
        for (at, (parameter, enabled)) in parameters.iter().zip(enabled).enumerate() {
            let values: Vec<f64> = rows.iter().map(|row| row[at]).collect();
            kernels.push(Kernels::new(&parameter.domain, enabled, &values)?);
        }
        Some(Self { weights: weights(rows.len()), kernels })
    }

    /// A value for each parameter.
    pub(super) fn draw(&self, draws: &mut Rng) -> Vec<f64> {
        let trial = drawn(&self.weights, draws);
        let each = self.kernels.iter().map(|kernels| match kernels {
            Kernels::Numbers(numbers) => numbers.draw(trial, draws),
            Kernels::Choices(choices) => choices.draw(trial, draws),
        });
        each.collect()
    }

    /// The logarithm of how likely the values of the parameters are.
    pub(super) fn density(&self, values: &[f64]) -> f64 {
        let mut densities: Vec<f64> = self.weights.iter().map(|weight| log(*weight)).collect();
        for (kernels, value) in self.kernels.iter().zip(values) {
            let one = match kernels {
                Kernels::Numbers(numbers) => numbers.densities(*value),
                Kernels::Choices(choices) => choices.densities(*value),
            };
            for (density, one) in densities.iter_mut().zip(one) {
                *density += one;
            }
        }
        let greatest = densities.iter().copied().fold(f64::MIN, f64::max);
        greatest + log(densities.iter().map(|density| exp(density - greatest)).sum())
    }
}

impl Kernels {
    fn new(domain: &Domain, enabled: Vec<usize>, values: &[f64]) -> Option<Self> {
        Some(match domain {
            Domain::Choice { .. } => {
                Self::Choices(Choices::new((enabled.len() > 1).then_some(enabled)?, values))
            }
            _ => Self::Numbers(Numbers::new(Scale::of(domain)?, values)),
        })
    }
}

/// Whether a value can still be chosen.
fn is_known(domain: &Domain, enabled: &[usize], value: f64) -> bool {
    match domain {
        Domain::Choice { .. } => enabled.iter().any(|place| *place as f64 == value),
        _ => domain.holds(value),
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
