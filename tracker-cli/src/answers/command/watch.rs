//! A run as it trains, an answer a line.

use std::collections::BTreeMap;

use serde::Serialize;
use tracker_core::Timestamp;

use crate::answers::{command::run::Summaries, value::Value};

/// What `tracker watch` prints of the values of one step.
#[derive(Debug, Serialize)]
pub(crate) struct Logged<'a> {
    pub(crate) run: &'a str,
    pub(crate) step: u64,
    pub(crate) time: Timestamp,
    pub(crate) metrics: BTreeMap<&'a str, Value>,
}

/// What it prints when the run has ended.
#[derive(Debug, Serialize)]
pub(crate) struct Ended<'a> {
    pub(crate) run: &'a str,
    pub(crate) state: &'static str,
    pub(crate) message: Option<&'a str>,
    pub(crate) summary: Summaries<'a>,
}
