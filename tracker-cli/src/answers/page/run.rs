//! Runs: in the list, and on their own pages.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use tracker_core::{Definition as Known, Direction, Level, Timestamp, read::Provenance};

use crate::{
    answers::{
        in_order::InOrder, page::code::RunCode, problem::Problem, step::Step, summary::Summary,
        value::Value,
    },
    view::live::Live,
};

/// The commit that a run was started at.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Git {
    pub(crate) commit: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) dirty: Option<bool>,
}

/// Settings that JavaScript would show as something else, by path, as JSON has them.
pub(crate) type Exact = InOrder<String, String>;

/// A run in the list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) short_id: String,
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) group: Option<String>,
    /// The study whose trial it is, which is its group where it has no other.
    pub(crate) study: Option<String>,
    pub(crate) state: &'static str,
    pub(crate) message: Option<String>,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) started_at: Timestamp,
    #[cfg_attr(test, ts(type = "string | null"))]
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) seconds: Option<f64>,
    /// The same without the pauses of a resumed run.
    pub(crate) trained_seconds: Option<f64>,
    pub(crate) notes: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) rank: Option<u16>,
    /// How many runs of its project started before it.
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) ordinal: Option<u64>,
    pub(crate) host: String,
    pub(crate) user: Option<String>,
    pub(crate) git: Option<Git>,
    #[cfg_attr(test, ts(type = "{ [key: string]: Json }"))]
    pub(crate) config: Map<String, Json>,
    /// By path, as JSON has them: the settings that JavaScript would show as something else.
    #[cfg_attr(test, ts(type = "{ [path: string]: string }"))]
    pub(crate) config_exact: Exact,
    #[cfg_attr(test, ts(type = "{ [metric: string]: Summary }"))]
    pub(crate) summary: BTreeMap<String, Summary<Step>>,
    pub(crate) problems: usize,
    /// How many alerts there were, and what the last one says.
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) alerts: u64,
    pub(crate) last_alert: Option<String>,
    /// Of a run that trains.
    pub(crate) live: Option<Live>,
}

/// Something that somebody should look at.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Alert {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) level: Level,
    pub(crate) rule: String,
    pub(crate) text: String,
    pub(crate) hint: Option<String>,
    pub(crate) metric: Option<String>,
    pub(crate) step: Option<Step>,
    pub(crate) value: Option<Value>,
}

/// A number that people may change while the run trains.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Knob {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) default: f64,
    /// Null without a bound.
    pub(crate) least: Option<f64>,
    pub(crate) most: Option<f64>,
    /// The first step that saw the value; null for the default.
    pub(crate) since: Option<Step>,
    /// The last changes, in the order of steps.
    pub(crate) changes: Vec<KnobChange>,
}

/// A change of a knob.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct KnobChange {
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) from_step: Step,
    pub(crate) value: f64,
    pub(crate) by: String,
}

/// What a metric means.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Definition {
    pub(crate) unit: Option<String>,
    #[cfg_attr(test, ts(type = r#""lower" | "higher" | null"#))]
    pub(crate) direction: Option<Direction>,
    pub(crate) display_name: Option<String>,
    pub(crate) hidden: bool,
}

impl From<&Known> for Definition {
    fn from(known: &Known) -> Self {
        Self {
            unit: known.unit.clone(),
            direction: known.direction,
            display_name: known.display_name.clone(),
            hidden: known.hidden,
        }
    }
}

/// By metric.
pub(crate) type Definitions = BTreeMap<String, Definition>;

/// What `/runs` answers.
#[expect(clippy::struct_field_names, reason = "the names of the HTTP API")]
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Runs {
    pub(crate) warnings: Vec<String>,
    pub(crate) runs: Vec<Run>,
    #[cfg_attr(test, ts(type = "Definitions"))]
    pub(crate) definitions: Definitions,
}

/// A process that logs to a run, or did.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Writer {
    pub(crate) rank: u16,
    pub(crate) attempt: u16,
    pub(crate) state: &'static str,
}

/// A run that was forked from another one: the other, or the fork.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Forked {
    pub(crate) run: String,
    pub(crate) run_name: String,
    pub(crate) project: String,
    /// The last step that the fork has of its parent.
    pub(crate) step: Step,
    /// Whether the store has that run.
    pub(crate) is_there: bool,
}

/// The run before a run, and what differs from it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct SinceLast {
    pub(crate) run: String,
    pub(crate) run_name: String,
    pub(crate) text: String,
}

/// What `/runs/ID` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunDetail {
    #[serde(flatten)]
    pub(crate) run: Run,
    #[cfg_attr(test, ts(type = "{ [key: string]: Json }"))]
    pub(crate) provenance: Provenance,
    #[cfg_attr(test, ts(type = "{ [key: string]: Json }"))]
    pub(crate) about: Map<String, Json>,
    #[cfg_attr(test, ts(type = "{ [path: string]: string }"))]
    pub(crate) about_exact: Exact,
    pub(crate) writers: Vec<Writer>,
    pub(crate) problem_list: Vec<Problem>,
    /// The last of its alerts.
    pub(crate) alert_list: Vec<Alert>,
    #[cfg_attr(test, ts(type = "Definitions"))]
    pub(crate) definitions: Definitions,
    /// In the order in which they were first logged.
    pub(crate) metrics: Vec<String>,
    /// Those whose curves tell most.
    pub(crate) key_metrics: Vec<String>,
    pub(crate) histograms: Vec<String>,
    pub(crate) texts: Vec<String>,
    pub(crate) media: Vec<String>,
    pub(crate) artifacts: usize,
    pub(crate) knobs: Vec<Knob>,
    pub(crate) forked_from: Option<Forked>,
    /// What differs from the run of the same program before it; null where nobody knows.
    pub(crate) since: Option<SinceLast>,
    pub(crate) forks: Vec<Forked>,
    /// Null while nobody knows.
    pub(crate) listens_to_stop: Option<bool>,
    /// Nothing of this run is changed here.
    pub(crate) read_only: bool,
    pub(crate) code: Option<RunCode>,
    /// What of it could not be read.
    pub(crate) warnings: Vec<String>,
}
