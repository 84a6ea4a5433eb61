//! A run, in short and in full.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use tracker_core::{
    AlertSummary, Definition, Step, Summary as Known, Timestamp,
    read::{ArtifactVersion, Provenance, RunKnob, RunReader, SinceLast, StoredEvent},
};

use crate::{
    answers::{command::code::Code, problem::Problem, summary::Summary},
    view::{elapsed::elapsed, forks::Forks, lineage::Lineage, live::Live},
};

/// What `tracker ls` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Runs<'a> {
    pub(crate) runs: Vec<Run<'a>>,
}

/// What `ls` prints of a run, and what every other command's run begins with.
#[derive(Debug, Serialize)]
pub(crate) struct Run<'a> {
    id: &'a str,
    name: &'a str,
    project: &'a str,
    state: &'static str,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    seconds: Option<f64>,
    trained_seconds: Option<f64>,
    config: &'a Map<String, Value>,
    tags: &'a [String],
    alerts: &'a AlertSummary,
    summary: Summaries<'a>,
}

/// Summaries by metric.
pub(crate) type Summaries<'a> = BTreeMap<&'a str, Summary<Step>>;

pub(crate) fn summaries(known: &BTreeMap<String, Known>) -> Summaries<'_> {
    known.iter().map(|(metric, known)| (metric.as_str(), known.into())).collect()
}

impl<'a> Run<'a> {
    pub(crate) fn of(run: &'a RunReader, known: &'a BTreeMap<String, Known>) -> Self {
        let info = run.info();
        let elapsed = elapsed(run);
        Self {
            id: info.id.as_str(),
            name: &info.name,
            project: &info.project,
            state: run.state().as_str(),
            started_at: info.started_at,
            finished_at: info.finished_at,
            seconds: elapsed.map(|elapsed| elapsed.passed.as_secs_f64()),
            trained_seconds: elapsed.map(|elapsed| elapsed.trained.as_secs_f64()),
            config: &info.config,
            tags: &info.tags,
            alerts: &info.alerts,
            summary: summaries(known),
        }
    }
}

/// What `tracker show` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Shown<'a> {
    pub(crate) run: WholeRun<'a>,
}

/// All of a run but its points.
#[derive(Debug, Serialize)]
pub(crate) struct WholeRun<'a> {
    #[serde(flatten)]
    pub(crate) run: Run<'a>,
    pub(crate) group: Option<&'a str>,
    pub(crate) notes: Option<&'a str>,
    pub(crate) message: Option<&'a str>,
    pub(crate) path: String,
    pub(crate) definitions: &'a BTreeMap<String, Definition>,
    pub(crate) provenance: &'a Provenance,
    pub(crate) code: Option<Code<'a>>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<String>,
    pub(crate) about: &'a BTreeMap<String, Map<String, Value>>,
    pub(crate) artifacts: &'a [ArtifactVersion],
    #[serde(flatten)]
    pub(crate) lineage: &'a Lineage,
    /// The numbers that people may change while it trains; `events` has how they did.
    pub(crate) knobs: &'a BTreeMap<String, RunKnob>,
    #[serde(flatten)]
    pub(crate) forks: &'a Forks,
    /// What differs from the run of the same program before it; null where nobody knows.
    pub(crate) since: Option<&'a SinceLast>,
    pub(crate) events: &'a [StoredEvent],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) live: Option<&'a Live>,
}
