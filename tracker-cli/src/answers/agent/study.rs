//! Studies: in a list, and one with its trials.

use serde::Serialize;
use serde_json::Value as Json;
use tracker_study::{Plan, StudyState, Trial, TrialState};

use crate::{
    answers::{agent::page::Page, trial_counts::TrialCounts, value::Value},
    view::study::{goal_word, ordered, state_word},
};

/// What `study` answers of all studies.
#[derive(Debug, Serialize)]
pub(crate) struct Studies {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) studies: Option<Page<StudyInShort>>,
    /// What could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warnings: Option<Page<String>>,
}

/// A study in short.
#[derive(Debug, Serialize)]
pub(crate) struct StudyInShort {
    /// What it is asked for by.
    study: String,
    metrics: Vec<Target>,
    /// How many trials there are at most; null for no end.
    run_cap: Option<u64>,
    counts: Counts,
    asked_to_stop: bool,
    /// By the first metric; null without a result.
    best: Option<TriedOut>,
}

/// What is made better.
#[derive(Debug, Serialize)]
struct Target {
    name: String,
    goal: &'static str,
}

/// How many trials are how far.
#[derive(Debug, Serialize)]
struct Counts {
    waiting: usize,
    running: usize,
    complete: usize,
    pruned: usize,
    failed: usize,
}

/// What `study` answers of one.
#[derive(Debug, Serialize)]
pub(crate) struct StudyDetail {
    #[serde(flatten)]
    pub(crate) short: StudyInShort,
    pub(crate) seed: u64,
    /// What is varied, as the study's file says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameters: Option<Page<Varied>>,
    /// The best by the first metric first, then those that were pruned, that train, that wait and that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trials: Option<Page<TriedOut>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warnings: Option<Page<String>>,
}

/// A parameter, and what it may be, as JSON in a text.
#[derive(Debug, Serialize)]
pub(crate) struct Varied {
    name: String,
    takes: String,
}

/// A training of a study.
#[derive(Debug, Serialize)]
pub(crate) struct TriedOut {
    number: usize,
    state: &'static str,
    /// One for each metric; empty without a result.
    values: Vec<Value>,
    params: Vec<Param>,
    run: Option<String>,
}

/// The value of a parameter.
#[derive(Debug, Serialize)]
struct Param {
    name: String,
    value: Json,
}

impl StudyInShort {
    pub(crate) fn of(study: &StudyState) -> Self {
        let plan = &study.plan;
        let target = |metric: &tracker_study::Metric| Target {
            name: metric.name.clone(),
            goal: goal_word(metric.goal),
        };
        let best = ordered(&study.trials, &plan.metrics).into_iter().next();
        let best = best.filter(|trial| loss(plan, trial).is_some());
        Self {
            study: format!("{}/{}", plan.project, study.name),
            metrics: plan.metrics.iter().map(target).collect(),
            run_cap: plan.run_cap,
            counts: Counts::of(&study.trials),
            asked_to_stop: study.asked_to_stop,
            best: best.map(|trial| TriedOut::of(plan, trial)),
        }
    }
}

impl Counts {
    fn of(trials: &[Trial]) -> Self {
        let TrialCounts { waiting, running, complete, pruned, failed, .. } =
            TrialCounts::of(trials);
        Self { waiting, running, complete, pruned, failed }
    }
}

/// The loss of a trial that came to its end.
fn loss(plan: &Plan, trial: &Trial) -> Option<f64> {
    let is_complete = trial.state == TrialState::Complete;
    trial.losses(&plan.metrics).filter(|_| is_complete)?.first().copied()
}

impl TriedOut {
    pub(crate) fn of(plan: &Plan, trial: &Trial) -> Self {
        let given = trial.params.iter().filter_map(|(name, internal)| {
            let value = plan.space.get(name)?.domain.value(*internal)?;
            Some((name, value))
        });
        let asked = trial.fixed.iter().map(|(name, value)| (name, value.clone()));
        let plain = |value: Json| match value {
            Json::Array(_) | Json::Object(_) => Json::String(value.to_string()),
            plain => plain,
        };
        let param =
            |(name, value): (&String, Json)| Param { name: name.clone(), value: plain(value) };
        let params = match trial.state {
            TrialState::Waiting => asked.map(param).collect(),
            _ => given.map(param).collect(),
        };
        Self {
            number: trial.number,
            state: state_word(trial.state),
            values: trial.values.iter().copied().map(Value).collect(),
            params,
            run: trial.run.as_ref().map(ToString::to_string),
        }
    }
}

/// What is varied, and how.
pub(crate) fn varied(plan: &Plan) -> Vec<Varied> {
    let file = plan.to_json();
    let parameters = file.get("parameters").and_then(Json::as_object);
    let varied =
        |(name, takes): (&String, &Json)| Varied { name: name.clone(), takes: takes.to_string() };
    parameters.into_iter().flatten().map(varied).collect()
}
