//! Why there is no other answer.

use serde::Serialize;

/// What went wrong, and what to do about it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Failed {
    pub(crate) error: String,
    pub(crate) hint: String,
}
