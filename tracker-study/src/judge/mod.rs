//! What decides whether a trial may go on.

use crate::{Goal, Trial};

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
