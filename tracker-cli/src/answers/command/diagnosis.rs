//! What seems to be the matter with a run.

use serde::Serialize;
use tracker_core::{
    Level, Step,
    read::{Diagnosis, Finding, FindingKind, RunReader},
};

use crate::answers::value::Value;

/// What `tracker show --diagnose` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Diagnosed<'a> {
    id: &'a str,
    name: &'a str,
    project: &'a str,
    state: &'static str,
    findings: Vec<Found<'a>>,
    /// What could not be looked for.
    unseen: &'a [FindingKind],
}

/// One thing.
#[derive(Debug, Serialize)]
struct Found<'a> {
    kind: FindingKind,
    level: Level,
    text: &'a str,
    hint: &'a str,
    metric: Option<&'a str>,
    steps: &'a [Step],
    values: Vec<Value>,
    threshold: Option<Value>,
}

impl<'a> Diagnosed<'a> {
    pub(crate) fn of(run: &'a RunReader, diagnosis: &'a Diagnosis) -> Self {
        let info = run.info();
        Self {
            id: info.id.as_str(),
            name: &info.name,
            project: &info.project,
            state: run.state().as_str(),
            findings: diagnosis.findings.iter().map(Found::of).collect(),
            unseen: &diagnosis.unseen,
        }
    }
}

impl<'a> Found<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            kind: finding.kind,
            level: finding.level,
            text: &finding.text,
            hint: &finding.hint,
            metric: finding.metric.as_deref(),
            steps: &finding.steps,
            values: finding.values.iter().copied().map(Value).collect(),
            threshold: finding.threshold.map(Value),
        }
    }
}
