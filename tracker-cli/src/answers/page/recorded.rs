//! What a run has recorded beside its metrics.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use tracker_core::{Level, Timestamp};

use crate::answers::{step::Step, value::Value};

/// A line for people.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Message {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) level: Level,
    pub(crate) text: String,
}

/// What the program said.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Said {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) step: Option<Step>,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) level: Level,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) text: String,
    #[cfg_attr(test, ts(type = "{ [name: string]: Json }"))]
    pub(crate) fields: Map<String, Json>,
}

/// What `/runs/ID/messages` answers: some of the messages, and where they begin and end.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct MessagePage {
    pub(crate) messages: Vec<Said>,
    /// For the messages before these.
    pub(crate) begin: String,
    /// For the messages after these, also those that are yet to come.
    pub(crate) end: String,
    /// Whether there are more in the direction in which was asked.
    pub(crate) has_more: bool,
}

/// A text that was logged at a step.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct TextEvent {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) name: String,
    pub(crate) step: Step,
    pub(crate) text: String,
}

/// What `/runs/ID/events` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Events {
    pub(crate) messages: Vec<Message>,
    pub(crate) texts: Vec<TextEvent>,
}

/// How values were spread at a step.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct HistogramRow {
    pub(crate) step: Step,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) min: Value,
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) max: Value,
    pub(crate) counts: Vec<u64>,
    pub(crate) not_finite: u64,
}

/// What `/runs/ID/histograms` answers: some of the rows, and how many there are.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Histograms {
    pub(crate) rows: Vec<HistogramRow>,
    pub(crate) of: usize,
}

/// A version of an artifact.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Artifact {
    pub(crate) name: String,
    pub(crate) version: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) bytes: Option<u64>,
    pub(crate) sha256: Option<String>,
    pub(crate) step: Option<Step>,
    pub(crate) epoch: Option<u64>,
    #[cfg_attr(test, ts(type = "{ [metric: string]: Value }"))]
    pub(crate) metrics: BTreeMap<String, Value>,
    pub(crate) aliases: Vec<String>,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) deleted: bool,
    /// Where its file is fetched, or the picture itself in a report; null where it cannot be.
    pub(crate) content: Option<String>,
}

/// What `/runs/ID/artifacts` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Artifacts {
    pub(crate) artifacts: Vec<Artifact>,
}
