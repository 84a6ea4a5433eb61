//! What was asked of a run.

use serde::Serialize;

/// What a request to stop came to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Stopped {
    pub(crate) run: String,
    pub(crate) reason: String,
}
