//! What the trials of a study teach, as one loss each.

use fastrand::Rng;

use super::{contract::Asked, par_ego};
use crate::{Params, Trial, TrialState};

/// What the trials of a study teach.
#[derive(Debug)]
pub(super) struct History<'a> {
    /// Those that have a result, in their order.
    pub(super) results: Vec<Seen<'a>>,
    /// The values of those that train.
    pub(super) pending: Vec<&'a Params>,
}

/// A trial that has a result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) params: &'a Params,
    /// Finite; smaller is better.
    pub(super) loss: f64,
}

/// Losses beyond this are as good as this: their squares still have a place in a float.
const GREATEST: f64 = 1e100;

impl<'a> History<'a> {
    /// Several metrics become one loss by weights that are drawn. What is not finite counts as the worst finite loss. A
    /// trial that a judge has ended is not better than the middle of those that came to their end, whatever it had come
    /// to: early values can look better than late ones.
    pub(super) fn new(asked: &Asked<'a>, draws: &mut Rng) -> Self {
        let told: Vec<(&Trial, Vec<f64>)> = asked
            .trials
            .iter()
            .filter_map(|trial| Some((trial, trial.losses(asked.metrics)?)))
            .collect();
        let losses = told.iter().map(|(_, losses)| losses.clone()).collect();
        let losses = par_ego::scalars(finite(losses), draws);
        let middle = middle(told.iter().zip(&losses).filter_map(|((trial, _), loss)| {
            (trial.state == TrialState::Complete).then_some(*loss)
        }));
        let results = told.iter().zip(losses).map(|((trial, _), loss)| Seen {
            params: &trial.params,
            loss: if trial.state == TrialState::Pruned { loss.max(middle) } else { loss },
        });
        let pending = asked.trials.iter().filter(|trial| trial.state == TrialState::Running);
        Self { results: results.collect(), pending: pending.map(|trial| &trial.params).collect() }
    }
}

/// The losses of each trial, with the worst finite one of each metric in the place of what is not finite.
fn finite(mut losses: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let metrics = losses.iter().map(Vec::len).max().unwrap_or(0);
    for metric in 0..metrics {
        let known = losses.iter().filter_map(|losses| losses.get(metric).copied());
        let worst = known.filter(|loss| loss.is_finite()).fold(f64::NEG_INFINITY, f64::max);
        let worst = if worst.is_finite() { worst } else { 0.0 };
        for loss in losses.iter_mut().filter_map(|losses| losses.get_mut(metric)) {
            *loss = if loss.is_finite() { *loss } else { worst }.clamp(-GREATEST, GREATEST);
        }
    }
    losses
}

/// The median; below everything if there is none.
fn middle(losses: impl Iterator<Item = f64>) -> f64 {
    let mut losses: Vec<f64> = losses.collect();
    losses.sort_by(f64::total_cmp);
    losses.get(losses.len() / 2).copied().unwrap_or(f64::NEG_INFINITY)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;

    use super::*;
    use crate::{DIVERGED, Goal, Metric, Space};

    fn trial(number: usize, state: TrialState, values: &[f64]) -> Trial {
        let mut trial = Trial::new(number, Params::new());
        trial.state = state;
        trial.values = values.to_vec();
        trial
    }

    fn losses(trials: &[Trial]) -> Vec<f64> {
        let metrics = [Metric::new("accuracy", Goal::Maximize)];
        let space = Space::default();
        let asked = Asked::new(&space, &metrics, trials);
        let history = History::new(&asked, &mut Rng::with_seed(0));
        history.results.iter().map(|seen| seen.loss).collect()
    }

    #[test]
    fn what_diverged_is_the_worst_and_what_failed_teaches_nothing() {
        let mut diverged = trial(2, TrialState::Failed, &[]);
        diverged.attributes.insert(DIVERGED.to_owned(), json!(true));
        let trials = [
            trial(0, TrialState::Complete, &[0.5]),
            trial(1, TrialState::Complete, &[0.9]),
            diverged,
            trial(3, TrialState::Failed, &[]),
            trial(4, TrialState::Complete, &[f64::NAN]),
            trial(5, TrialState::Running, &[]),
            trial(6, TrialState::Waiting, &[]),
        ];
        assert_eq!(losses(&trials), [-0.5, -0.9, -0.5, -0.5]);
    }

    #[test]
    fn what_a_judge_has_ended_is_not_better_than_the_middle_of_what_came_to_its_end() {
        let mut early = trial(3, TrialState::Pruned, &[]);
        early.intermediate.insert(1, 0.99);
        let mut bad = trial(4, TrialState::Pruned, &[]);
        bad.intermediate.insert(1, 0.1);
        let trials = [
            trial(0, TrialState::Complete, &[0.5]),
            trial(1, TrialState::Complete, &[0.7]),
            trial(2, TrialState::Complete, &[0.9]),
            early,
            bad,
        ];
        assert_eq!(losses(&trials), [-0.5, -0.7, -0.9, -0.7, -0.1]);
    }
}
