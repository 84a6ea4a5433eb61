//! Runs: in a list, and in full.

use serde::Serialize;
use serde_json::Value as Json;
use tracker_core::{
    Definition, Direction, Summary, Timestamp,
    read::{RunInfo, RunKnob, RunReader},
};

use crate::{
    answers::{
        agent::page::Page,
        page::{recorded::Said, run::Alert},
        problem::Problem,
        step::{GREATEST_EXACT, Step},
        value::Value,
    },
    view::{elapsed::elapsed, live::Live},
};

/// The tags of a run in a list.
const MOST_TAGS: usize = 8;

/// What `find_runs` and `wait_until` answer.
#[derive(Debug, Serialize)]
pub(crate) struct FoundRuns {
    /// Whether what was waited for came; of `wait_until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) met: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waited_seconds: Option<f64>,
    pub(crate) runs: Page<FoundRun>,
    /// What may be meant otherwise than it was taken.
    pub(crate) notes: Vec<String>,
    /// What could not be read.
    pub(crate) warnings: Page<String>,
}

/// A run in a list.
#[derive(Debug, Serialize)]
pub(crate) struct FoundRun {
    id: String,
    name: String,
    project: String,
    group: Option<String>,
    state: &'static str,
    started_at: Timestamp,
    seconds: Option<f64>,
    tags: Vec<String>,
    /// A metric is NaN or infinite at its end.
    diverged: bool,
    alerts: u64,
    /// Those that tell most.
    metrics: Vec<MetricValue>,
}

/// What stands for a metric in a list.
#[derive(Debug, Serialize)]
pub(crate) struct MetricValue {
    pub(crate) name: String,
    pub(crate) value: Value,
    /// `best` or `last`.
    pub(crate) which: &'static str,
}

impl FoundRun {
    pub(crate) fn of(run: &RunReader, diverged: bool, metrics: Vec<MetricValue>) -> Self {
        let info = run.info();
        Self {
            id: info.id.to_string(),
            name: info.name.clone(),
            project: info.project.clone(),
            group: info.group_or_study().map(str::to_owned),
            state: run.state().as_str(),
            started_at: info.started_at,
            seconds: elapsed(run).map(|elapsed| elapsed.passed.as_secs_f64()),
            tags: info.tags.iter().take(MOST_TAGS).cloned().collect(),
            diverged,
            alerts: info.alerts.count,
            metrics,
        }
    }
}

/// What `describe_run` answers. A list that was not asked for is left out where another one was.
#[derive(Debug, Serialize)]
pub(crate) struct DescribedRun {
    #[serde(flatten)]
    pub(crate) facts: Facts,
    /// Of a run that trains.
    pub(crate) live: Option<Live>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics: Option<Page<Metric>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) config: Option<Page<Setting>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) knobs: Option<Page<Knob>>,
    /// The last first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alerts: Option<Page<Alert>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problems: Option<Page<Problem>>,
    /// The last warnings and errors that the program said, the last first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) messages: Option<Page<SaidLine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warnings: Option<Page<String>>,
}

/// What a run is.
#[derive(Debug, Serialize)]
pub(crate) struct Facts {
    id: String,
    name: String,
    project: String,
    group: Option<String>,
    study: Option<String>,
    state: &'static str,
    message: Option<String>,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    seconds: Option<f64>,
    notes: Option<String>,
    tags: Vec<String>,
    host: String,
    commit: Option<String>,
    branch: Option<String>,
    uncommitted_changes: Option<bool>,
    forked_from: Option<String>,
    /// What differs from the run of the same program before it.
    since_last_run: Option<String>,
}

impl Facts {
    pub(crate) fn of(run: &RunReader) -> Self {
        let info: &RunInfo = run.info();
        let origin = &info.provenance;
        Self {
            id: info.id.to_string(),
            name: info.name.clone(),
            project: info.project.clone(),
            group: info.group.clone(),
            study: info.study().map(str::to_owned),
            state: run.state().as_str(),
            message: info.message.clone(),
            started_at: info.started_at,
            finished_at: info.finished_at,
            seconds: elapsed(run).map(|elapsed| elapsed.passed.as_secs_f64()),
            notes: info.notes.clone(),
            tags: info.tags.iter().take(MOST_TAGS).cloned().collect(),
            host: origin.host.clone(),
            commit: origin.git_commit.clone(),
            branch: origin.git_branch.clone(),
            uncommitted_changes: origin.git_dirty,
            forked_from: info.parent.as_ref().map(|parent| parent.run.to_string()),
            since_last_run: info.since.as_ref().map(|since| since.text.clone()),
        }
    }
}

/// A metric, and what it came to.
#[derive(Debug, Serialize)]
pub(crate) struct Metric {
    name: String,
    unit: Option<String>,
    /// Which values are better, as far as the training said: `higher` or `lower`.
    better: Option<Direction>,
    last: Value,
    last_step: Step,
    best: Option<Value>,
    min: Option<Value>,
    max: Option<Value>,
    count: u64,
}

impl Metric {
    pub(crate) fn of(name: &str, known: &Summary, definition: Option<&Definition>) -> Self {
        let better = definition.and_then(|definition| definition.direction);
        Self {
            name: name.to_owned(),
            unit: definition.and_then(|definition| definition.unit.clone()),
            better,
            last: Value(known.last),
            last_step: Step(known.step),
            best: better.and_then(|better| known.best_by(better)).map(Value),
            min: known.min.map(Value),
            max: known.max.map(Value),
            count: known.count,
        }
    }
}

/// A setting by its path.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    path: String,
    value: Json,
}

impl Setting {
    /// What has keys of its own, or is a number that a client may round, is the text of its JSON.
    pub(crate) fn of(path: String, value: &Json) -> Self {
        let value = match value {
            Json::Array(_) | Json::Object(_) => Json::String(value.to_string()),
            Json::Number(number) => {
                let is_exact = number
                    .as_i64()
                    .map_or(number.is_f64(), |whole| whole.unsigned_abs() <= GREATEST_EXACT);
                if is_exact { value.clone() } else { Json::String(number.to_string()) }
            }
            plain => plain.clone(),
        };
        Self { path, value }
    }
}

/// A number that people may change while the run trains.
#[derive(Debug, Serialize)]
pub(crate) struct Knob {
    name: String,
    value: Value,
    default: Value,
    takes: String,
}

impl Knob {
    pub(crate) fn of(name: &str, knob: &RunKnob) -> Self {
        let (value, default) = (Value(knob.value), Value(knob.default));
        Self { name: name.to_owned(), value, default, takes: knob.bounds() }
    }
}

/// A message without its fields, whose names are anybody's.
#[derive(Debug, Serialize)]
pub(crate) struct SaidLine {
    time: Timestamp,
    step: Option<Step>,
    level: tracker_core::Level,
    source: String,
    text: String,
}

impl From<Said> for SaidLine {
    fn from(said: Said) -> Self {
        let Said { time, step, level, source, text, .. } = said;
        Self { time, step, level, source, text }
    }
}
