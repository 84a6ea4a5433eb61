//! What decides whether a trial may go on.

mod brackets;
mod halving;
mod median;

use crate::{EarlyTerminate, Goal, Plan, Trial};

use self::{brackets::Brackets, halving::Halving, median::Median};

/// What a judge says of a trial that trains.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// It goes on. `rung` is to be written down: the rung that it has come to, and its value there.
    GoOn {
        /// The rung and the value at it, if it has just come to one.
        rung: Option<(u32, f64)>,
    },
    /// It should end; others are better.
    Prune {
        /// The rung and the value at it, if it has just come to one.
        rung: Option<(u32, f64)>,
        /// Why, for people: `0.61 at value 3, needs 0.74`.
        why: String,
    },
}

/// Decides whether a trial may go on, each time that its metric was logged.
///
/// A judge keeps nothing between two calls; what it must remember stands in the journal, as a trial's
/// [`rungs`](Trial::rungs).
pub trait Judge: std::fmt::Debug + Send + Sync {
    /// Judges a trial by its newest [intermediate](Trial::intermediate) value, beside all trials of the study.
    fn judge(&self, trial: &Trial, all: &[Trial], goal: Goal) -> Verdict;
}

/// The judge that a plan asks for; `None` where all trials train to their end.
///
/// Each follows Optuna's rules, so that a study that Python goes on with is judged the same: `SuccessiveHalvingPruner`,
/// `HyperbandPruner`, `MedianPruner`. One thing is ours: a value that is NaN or infinite ends a trial at once.
pub fn judge_of(plan: &Plan) -> Option<Box<dyn Judge>> {
    Some(match plan.early_terminate? {
        EarlyTerminate::Asha { min_iter, eta } => Box::new(Halving::new(min_iter, eta)),
        EarlyTerminate::Hyperband { min_iter, max_iter, eta } => {
            Box::new(Brackets::new(&plan.name, min_iter, max_iter, eta))
        }
        EarlyTerminate::Median { startup, min_iter } => Box::new(Median::new(startup, min_iter)),
    })
}

impl Verdict {
    fn go_on() -> Self {
        Self::GoOn { rung: None }
    }
}

/// The newest value of a trial and its place, from 1; `None` before the first.
fn newest(trial: &Trial) -> Option<(u64, f64)> {
    trial.intermediate.last_key_value().map(|(n, value)| (*n, *value))
}

/// Ends a trial whose newest value is no number to compare: no more of it will be better.
fn not_finite(n: u64, value: f64) -> Option<Verdict> {
    let why = || format!("{value} at value {n}, needs a finite number");
    (!value.is_finite()).then(|| Verdict::Prune { rung: None, why: why() })
}

/// Whether one value is as good as another, by the goal. NaN is the worst.
fn is_as_good(goal: Goal, value: f64, bound: f64) -> bool {
    goal.loss(value) <= goal.loss(bound)
}

/// The words for a trial that others are better than.
fn worse(n: u64, value: f64, needed: f64) -> String {
    let shown = |value| tracker_core::text::shown_value(value, &tracker_core::Definition::new());
    format!("{} at value {n}, needs {}", shown(value), shown(needed))
}

#[cfg(test)]
mod tests;
