//! How much it hangs on which parameter that a trial is among the best.

use super::parzen::{cells_of, density};
use crate::{Metric, Parameter, Space, Trial, TrialState};

/// The share of the trials that counts as the best.
const BEST: f64 = 0.1;

/// Fewer trials that have a parameter, or lack it, say nothing of it.
const LEAST: usize = 2;

/// How much of being among the best hangs on which parameter.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Importance {
    /// Parameters with their shares, which add up to 1, the greatest first. Empty where nothing can be told: with fewer
    /// than two results, or where all are equal.
    pub shares: Vec<(String, f64)>,
    /// How many trials were looked at: the complete ones whose value is finite.
    pub trials: usize,
    /// How many of them count as the best. From five on the shares are steady, so from some fifty trials on.
    pub best: usize,
}

/// How much of being among the best tenth by one metric hangs on which parameter: PED-ANOVA (Watanabe, Bansal, Hutter
/// 2023, <https://arxiv.org/abs/2304.10255>), as Optuna's `PedAnovaImportanceEvaluator` reckons it.
///
/// For each parameter, how its values are spread among the best tenth is held against how they are spread among all: the
/// more these differ (Pearson's divergence), the more it matters. A parameter with a condition is looked at
/// over the trials that have it, and weighed by how many of the best those are (Theorem 4.2 of
/// <https://arxiv.org/abs/2601.20800>). `metric` is the place of the metric; past the last one nothing is told.
pub fn importance(
    space: &Space,
    metrics: &[Metric],
    metric: usize,
    trials: &[Trial],
) -> Importance {
    let complete = trials.iter().filter(|trial| trial.state == TrialState::Complete);
    let told: Vec<(&Trial, f64)> = complete
        .filter_map(|trial| Some((trial, *trial.losses(metrics)?.get(metric)?)))
        .filter(|(_, loss)| loss.is_finite())
        .collect();
    let best = best_of(&told);
    let counted = told.iter().zip(&best).filter(|(_, is_best)| **is_best).count();
    let mut shares: Vec<(String, f64)> = Vec::new();
    if told.len() >= LEAST && counted < told.len() {
        for parameter in space.parameters() {
            if told.iter().any(|(trial, _)| trial.params.contains_key(&parameter.name)) {
                shares.push((parameter.name.clone(), weighed(parameter, &told, &best)));
            }
        }
    }
    let sum: f64 = shares.iter().map(|(_, share)| share).sum();
    if !(sum.is_finite() && sum > 0.0) {
        shares.clear();
    }
    for (_, share) in &mut shares {
        *share /= sum;
    }
    shares.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    Importance { shares, trials: told.len(), best: counted }
}

/// Which are among the best: as good as the last of the best tenth.
#[expect(clippy::cast_sign_loss, reason = "a share of a count is no less than 0")]
fn best_of(told: &[(&Trial, f64)]) -> Vec<bool> {
    let mut losses: Vec<f64> = told.iter().map(|(_, loss)| *loss).collect();
    losses.sort_by(f64::total_cmp);
    let last = (BEST * losses.len() as f64).ceil() as usize;
    let Some(cut) = last.checked_sub(1).and_then(|at| losses.get(at)) else { return Vec::new() };
    told.iter().map(|(_, loss)| loss <= cut).collect()
}

/// The divergence of a parameter's values, over the trials that have it, by what part of the best and of all those are.
fn weighed(parameter: &Parameter, told: &[(&Trial, f64)], best: &[bool]) -> f64 {
    let having: Vec<(f64, bool)> = told
        .iter()
        .zip(best)
        .filter_map(|((trial, _), is_best)| Some((*trial.params.get(&parameter.name)?, *is_best)))
        .collect();
    let all: Vec<f64> = having.iter().map(|(value, _)| *value).collect();
    let top: Vec<f64> =
        having.iter().filter(|(_, is_best)| *is_best).map(|(value, _)| *value).collect();
    let Some(cells) = cells_of(&parameter.domain) else { return 0.0 };
    if all.len() < LEAST || top.is_empty() {
        return 0.0;
    }
    let counted = best.iter().filter(|is_best| **is_best).count();
    let of_best = top.len() as f64 / counted as f64;
    let of_all = all.len() as f64 / told.len() as f64;
    let divergence =
        pearson(&density(&parameter.domain, cells, &top), &density(&parameter.domain, cells, &all));
    of_best * of_best / of_all * divergence
}

/// Pearson's divergence: Σ q (p/q − 1)².
fn pearson(top: &[f64], all: &[f64]) -> f64 {
    top.iter().zip(all).map(|(top, all)| all * (top / all - 1.0).powi(2)).sum()
}

#[cfg(test)]
#[path = "ped_anova_tests.rs"]
mod tests;
