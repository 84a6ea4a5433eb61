//! What studies have tried, and what that tells.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use tracker_core::Timestamp;

use crate::answers::{importance::StudyImportance, trial_counts::TrialCounts, value::Value};

/// What `/studies` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Studies {
    pub(crate) studies: Vec<StudyInList>,
}

/// A study in the list of them. Of one that cannot be read, only its names and the problem are there.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyInList {
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) told: Option<StudyInShort>,
    pub(crate) problem: Option<String>,
}

/// A study in short.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyInShort {
    pub(crate) method: String,
    pub(crate) metrics: Vec<StudyMetric>,
    /// How many trials there are at most; null for no end.
    pub(crate) run_cap: Option<u64>,
    pub(crate) trials: TrialCounts,
    pub(crate) asked_to_stop: bool,
    /// The number of the best trial; null without a result, and with several metrics.
    pub(crate) best: Option<usize>,
    /// What the best trial came to, and what it was given; empty where there is none.
    pub(crate) best_values: Vec<Value>,
    #[cfg_attr(test, ts(type = "{ [parameter: string]: Json }"))]
    pub(crate) best_params: Map<String, Json>,
    /// How many trials no other one beats.
    pub(crate) front: usize,
}

/// What is made better, and which of its values counts.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyMetric {
    pub(crate) name: String,
    #[cfg_attr(test, ts(type = r#""minimize" | "maximize""#))]
    pub(crate) goal: &'static str,
    #[cfg_attr(test, ts(type = r#""best" | "last""#))]
    pub(crate) value: &'static str,
}

/// What `/studies/PROJECT/NAME` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyDetail {
    pub(crate) project: String,
    pub(crate) name: String,
    #[serde(flatten)]
    #[cfg_attr(test, ts(flatten))]
    pub(crate) short: StudyInShort,
    /// What ends trials early, as the study's file says it; null for nothing.
    #[cfg_attr(test, ts(type = "Json"))]
    pub(crate) early_terminate: Json,
    /// How often what it does was written down, from 1; 0 of one that Optuna began.
    pub(crate) revision: u64,
    pub(crate) parameters: Vec<StudyParameter>,
    /// For each metric, how much of being among the best hangs on which parameter.
    pub(crate) importance: Vec<StudyImportance>,
    /// The numbers of the trials that no other one beats.
    pub(crate) front_trials: Vec<usize>,
    /// The number of the first trial that is answered; how many there are says `trials.all`.
    pub(crate) from: usize,
    pub(crate) listed: Vec<StudyTrial>,
    pub(crate) warnings: Vec<String>,
}

/// What is varied.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyParameter {
    pub(crate) name: String,
    #[cfg_attr(test, ts(type = r#""float" | "int" | "choice""#))]
    pub(crate) kind: &'static str,
    /// Of a number: its bounds, both included.
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    /// Whether it is looked for by orders of magnitude.
    pub(crate) log: bool,
    pub(crate) step: Option<f64>,
    /// Of a choice: what may be chosen, and the places of what is not tried any more.
    #[cfg_attr(test, ts(type = "Json[]"))]
    pub(crate) choices: Vec<Json>,
    pub(crate) disabled: Vec<usize>,
    /// It is there only beside these.
    pub(crate) when: Vec<StudyCondition>,
}

/// That another parameter has one of these values.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyCondition {
    pub(crate) parameter: String,
    #[cfg_attr(test, ts(type = "Json[]"))]
    pub(crate) values: Vec<Json>,
}

/// A training of a study.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudyTrial {
    pub(crate) number: usize,
    #[cfg_attr(test, ts(type = r#""waiting" | "running" | "complete" | "pruned" | "failed""#))]
    pub(crate) state: &'static str,
    /// What it was given; of one that waits, what was asked for.
    #[cfg_attr(test, ts(type = "{ [parameter: string]: Json }"))]
    pub(crate) params: Map<String, Json>,
    /// A value for each metric; empty without a result.
    pub(crate) values: Vec<Value>,
    /// What the first metric was on the way, at some of its values, the first and the last among them.
    #[cfg_attr(test, ts(type = "[nth: number, value: Value][]"))]
    pub(crate) on_the_way: Vec<(u64, Value)>,
    /// How many values it had.
    pub(crate) reported: usize,
    pub(crate) run: Option<String>,
    #[cfg_attr(test, ts(type = "string | null"))]
    pub(crate) started_at: Option<Timestamp>,
    #[cfg_attr(test, ts(type = "string | null"))]
    pub(crate) ended_at: Option<Timestamp>,
    /// Whether its metric became NaN or infinite.
    pub(crate) diverged: bool,
}

/// What `/studies/PROJECT/NAME/surface` answers: what a Gaussian process expects over two parameters.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StudySurface {
    pub(crate) metric: String,
    pub(crate) x: String,
    pub(crate) y: String,
    #[cfg_attr(test, ts(type = "Json[]"))]
    pub(crate) x_values: Vec<Json>,
    #[cfg_attr(test, ts(type = "Json[]"))]
    pub(crate) y_values: Vec<Json>,
    /// For each value of y, one for each of x; null where one parameter is not there beside the other. Empty where too
    /// little is known.
    pub(crate) means: Vec<Vec<Option<Value>>>,
    /// The values of all parameters around which these two are varied.
    #[cfg_attr(test, ts(type = "{ [parameter: string]: Json }"))]
    pub(crate) around: Map<String, Json>,
}
