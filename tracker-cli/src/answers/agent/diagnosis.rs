//! What seems to be the matter with a run.

use serde::Serialize;
use tracker_core::{
    Level,
    read::{Finding, FindingKind},
};

use crate::answers::{agent::page::Page, step::Step, value::Value};

/// What `diagnose` answers.
#[derive(Debug, Serialize)]
pub(crate) struct Diagnosed {
    pub(crate) run: String,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    /// What matters most first; empty for a run that seems sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Page<Found>>,
    /// What could not be looked for, as the run holds nothing to see it by.
    pub(crate) unseen: Vec<FindingKind>,
}

/// Something that seems wrong, with its evidence.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    kind: FindingKind,
    level: Level,
    text: String,
    hint: String,
    metric: Option<String>,
    steps: Vec<Step>,
    values: Vec<Value>,
    threshold: Option<Value>,
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self {
            kind: finding.kind,
            level: finding.level,
            text: finding.text,
            hint: finding.hint,
            metric: finding.metric,
            steps: finding.steps.into_iter().map(Step).collect(),
            values: finding.values.into_iter().map(Value).collect(),
            threshold: finding.threshold.map(Value),
        }
    }
}
