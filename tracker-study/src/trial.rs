//! One training of a study, as the journal knows it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tracker_core::{RunId, Timestamp};

use crate::{Goal, Metric, Params};

/// How far a trial is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrialState {
    /// It waits for somebody who trains it.
    Waiting,
    /// It trains, or whoever trained it has died and nobody has seen that yet.
    Running,
    /// It has its result.
    Complete,
    /// A judge has ended it: others are better.
    Pruned,
    /// It failed, crashed, was lost, or its result is no number.
    Failed,
}

/// One training of a study, as the journal knows it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Trial {
    /// Its place in the study, from 0.
    pub number: usize,
    /// How far it is.
    pub state: TrialState,
    /// The values that it was given.
    pub params: Params,
    /// The values that somebody has asked for, of a trial that waits.
    pub fixed: Map<String, Value>,
    /// Its result: a value for each metric of the study; empty without one.
    pub values: Vec<f64>,
    /// What the first metric was on the way: the n-th value that its run logged stands at n, from 1.
    pub intermediate: BTreeMap<u64, f64>,
    /// What a judge wrote down at each rung, where it keeps any.
    pub rungs: BTreeMap<u32, f64>,
    /// Its run; one that was tried again has the newest.
    pub run: Option<RunId>,
    /// When it was begun.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What else was written down about it: `tracker:` keys are ours.
    pub attributes: Map<String, Value>,
}

impl Trial {
    /// One that trains and of which nothing is known but its values.
    pub fn new(number: usize, params: Params) -> Self {
        Self {
            number,
            state: TrialState::Running,
            params,
            fixed: Map::new(),
            values: Vec::new(),
            intermediate: BTreeMap::new(),
            rungs: BTreeMap::new(),
            run: None,
            started: None,
            ended: None,
            attributes: Map::new(),
        }
    }

    /// Whether nothing more comes.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, TrialState::Complete | TrialState::Pruned | TrialState::Failed)
    }

    /// Its result as losses, smaller is better: one for each metric. Of a pruned trial with one metric, what it had
    /// come to last. NaN is the worst there is, as is a trial that diverged. `None` while there is no result, and
    /// for a trial that failed for another reason.
    pub fn losses(&self, metrics: &[Metric]) -> Option<Vec<f64>> {
        let diverged = self.attributes.get(DIVERGED).is_some_and(|value| value == true);
        if diverged {
            return Some(vec![f64::INFINITY; metrics.len()]);
        }
        let last = self.intermediate.last_key_value().map(|(_, value)| vec![*value]);
        let values = match self.state {
            TrialState::Complete => Some(self.values.clone()),
            TrialState::Pruned if !self.values.is_empty() => Some(self.values.clone()),
            TrialState::Pruned => last,
            _ => None,
        };
        let values = values.filter(|values| values.len() == metrics.len())?;
        Some(values.iter().zip(metrics).map(|(value, metric)| metric.goal.loss(*value)).collect())
    }
}

/// The attribute of a trial whose metric became NaN or infinite: samplers take it as the worst.
pub const DIVERGED: &str = "tracker:diverged";

impl Goal {
    /// A value as a loss: smaller is better, NaN is the worst.
    pub fn loss(self, value: f64) -> f64 {
        let loss = match self {
            Self::Minimize => value,
            Self::Maximize => -value,
        };
        if loss.is_nan() { f64::INFINITY } else { loss }
    }
}
