//! How many trials of a study are how far.

use serde::Serialize;
use tracker_study::{Trial, TrialState};

/// How many trials are how far.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct TrialCounts {
    pub(crate) all: usize,
    pub(crate) waiting: usize,
    pub(crate) running: usize,
    pub(crate) complete: usize,
    pub(crate) pruned: usize,
    pub(crate) failed: usize,
}

impl TrialCounts {
    pub(crate) fn of(trials: &[Trial]) -> Self {
        let count = |state| trials.iter().filter(|trial| trial.state == state).count();
        Self {
            all: trials.len(),
            waiting: count(TrialState::Waiting),
            running: count(TrialState::Running),
            complete: count(TrialState::Complete),
            pruned: count(TrialState::Pruned),
            failed: count(TrialState::Failed),
        }
    }
}
