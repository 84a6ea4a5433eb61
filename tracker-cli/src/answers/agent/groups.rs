//! Groups of runs, and which is better.

use serde::Serialize;

use crate::answers::{
    agent::page::Page,
    page::groups::{GroupMetric, RunGroup},
    value::Value,
    verdict::{Spread, Verdict},
};

/// What `compare` answers.
#[derive(Debug, Serialize)]
pub(crate) struct JudgedGroups {
    /// How many runs were chosen.
    pub(crate) runs: usize,
    /// What the groups are judged by; null where the runs have no metric.
    pub(crate) metric: Option<GroupMetric>,
    pub(crate) baseline: Option<String>,
    /// The settings that make a pair of two runs which share them.
    pub(crate) paired_by: Vec<String>,
    /// Of the intervals of differences.
    pub(crate) level: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) groups: Option<Page<Group>>,
    /// What has to be said beside any verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<Page<String>>,
    /// What may be asked for as `metric`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics: Option<Page<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warnings: Option<Page<String>>,
}

/// A group, and what the metric came to in it.
#[derive(Debug, Serialize)]
pub(crate) struct Group {
    name: String,
    label: String,
    runs: usize,
    running: usize,
    /// Null where no run has a finite value.
    spread: Option<Spread>,
    interquartile_mean: Option<Value>,
    /// Beside the baseline; null for that one.
    verdict: Option<Verdict>,
}

impl From<RunGroup> for Group {
    fn from(group: RunGroup) -> Self {
        let RunGroup { name, label, spread, interquartile_mean, running, members, verdict, .. } =
            group;
        Self { name, label, runs: members.len(), running, spread, interquartile_mean, verdict }
    }
}
