//! What was asked of a run.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a request to stop came to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Stopped {
    pub(crate) run: String,
    pub(crate) reason: String,
}

/// What a request for other values of knobs came to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct KnobsAsked {
    pub(crate) run: String,
    #[cfg_attr(test, ts(type = "{ [knob: string]: number }"))]
    pub(crate) asked: BTreeMap<String, f64>,
}
