//! What studies are, and what was changed of one.

use serde::Serialize;
use serde_json::{Map, Value};
use tracker_core::{RunId, Timestamp};
use tracker_study::{Metric, Plan, Trial, TrialState};

use crate::{
    answers::{importance::StudyImportance, trial_counts::TrialCounts, value::Value as Number},
    view::study::{front, goal_word, state_word, which_word},
};

/// What `tracker study ls` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Studies<'a> {
    pub(crate) studies: Vec<Study<'a>>,
}

/// A study in short.
#[derive(Debug, Serialize)]
pub(crate) struct Study<'a> {
    name: &'a str,
    project: &'a str,
    method: Value,
    metrics: Vec<StudyMetric<'a>>,
    /// How many trials there are at most; null for no end.
    run_cap: Option<u64>,
    /// Whether somebody has ended it.
    stopped: bool,
    trials: TrialCounts,
    /// The best trial; with several metrics, all that no other one beats.
    best: Vec<StudyTrial<'a>>,
}

#[derive(Debug, Serialize)]
struct StudyMetric<'a> {
    name: &'a str,
    goal: &'static str,
    value: &'static str,
}

/// What `tracker study show` prints.
#[derive(Debug, Serialize)]
pub(crate) struct StudyShown<'a> {
    #[serde(flatten)]
    study: Study<'a>,
    /// What it does, as its file could say it.
    plan: Value,
    /// How often it was written down what it does: 1 of a study that nobody has changed.
    revision: u64,
    /// What the result hangs on, by each metric.
    importance: Vec<StudyImportance>,
    all_trials: Vec<StudyTrial<'a>>,
}

/// A trial.
#[derive(Debug, Serialize)]
pub(crate) struct StudyTrial<'a> {
    number: usize,
    state: &'static str,
    params: Map<String, Value>,
    /// A value for each metric; empty without a result.
    values: Vec<Number>,
    /// How many values of the first metric its run has logged, and the last one.
    intermediate: usize,
    last: Option<Number>,
    run: Option<&'a RunId>,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
}

impl<'a> Study<'a> {
    pub(crate) fn of(plan: &'a Plan, trials: &'a [Trial], stopped: bool) -> Self {
        let known = plan.to_json();
        let metric = |metric: &'a Metric| StudyMetric {
            name: &metric.name,
            goal: goal_word(metric.goal),
            value: which_word(metric.value),
        };
        let best = front(trials, &plan.metrics);
        Self {
            name: &plan.name,
            project: &plan.project,
            method: known.get("method").cloned().unwrap_or_default(),
            metrics: plan.metrics.iter().map(metric).collect(),
            run_cap: plan.run_cap,
            stopped,
            trials: TrialCounts::of(trials),
            best: best.into_iter().map(|trial| StudyTrial::of(trial, plan)).collect(),
        }
    }
}

impl<'a> StudyShown<'a> {
    pub(crate) fn of(plan: &'a Plan, trials: &'a [Trial], revision: u64, stopped: bool) -> Self {
        Self {
            study: Study::of(plan, trials, stopped),
            plan: plan.to_json(),
            revision,
            importance: StudyImportance::of_study(plan, trials),
            all_trials: trials.iter().map(|trial| StudyTrial::of(trial, plan)).collect(),
        }
    }
}

impl<'a> StudyTrial<'a> {
    fn of(trial: &'a Trial, plan: &Plan) -> Self {
        let waits = trial.state == TrialState::Waiting && trial.params.is_empty();
        let params = if waits { trial.fixed.clone() } else { plan.space.values(&trial.params) };
        Self {
            number: trial.number,
            state: state_word(trial.state),
            params,
            values: trial.values.iter().map(|value| Number(*value)).collect(),
            intermediate: trial.intermediate.len(),
            last: trial.intermediate.last_key_value().map(|(_, value)| Number(*value)),
            run: trial.run.as_ref(),
            started: trial.started,
            ended: trial.ended,
        }
    }
}

/// What `tracker study edit` prints.
#[derive(Debug, Serialize)]
pub(crate) struct StudyEdited<'a> {
    pub(crate) study: &'a str,
    pub(crate) project: &'a str,
    pub(crate) revision: u64,
    pub(crate) plan: Value,
}

/// What `tracker study enqueue` prints.
#[derive(Debug, Serialize)]
pub(crate) struct StudyEnqueued<'a> {
    pub(crate) study: &'a str,
    pub(crate) project: &'a str,
    pub(crate) trial: usize,
    pub(crate) values: &'a Map<String, Value>,
}

/// What `tracker study stop` prints.
#[derive(Debug, Serialize)]
pub(crate) struct StudyStopped<'a> {
    pub(crate) study: &'a str,
    pub(crate) project: &'a str,
    /// The runs that were asked to stop.
    pub(crate) asked: Vec<&'a RunId>,
}
