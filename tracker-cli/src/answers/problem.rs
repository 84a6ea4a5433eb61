//! What did not work.

use serde::Serialize;
use tracker_core::Problem as Known;

/// A problem that a run met, and how often.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Problem {
    kind: String,
    message: String,
    hint: String,
    count: u64,
}

impl From<&Known> for Problem {
    fn from(problem: &Known) -> Self {
        let Known { kind, message, hint, count, .. } = problem.clone();
        Self { kind, message, hint, count }
    }
}
