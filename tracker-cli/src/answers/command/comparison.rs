//! Runs side by side. A run without a setting, metric or package is left out there.

use serde::Serialize;
use serde_json::Value as Json;
use tracker_core::{Direction, Step, read::Provenance};

use crate::answers::{
    command::{code::Code, run::Run},
    in_order::InOrder,
    summary::Summary,
    value::Value,
};

/// Something of each run, by its id.
pub(crate) type ByRun<'a, T> = InOrder<&'a str, T>;

/// What `tracker compare` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison<'a> {
    pub(crate) runs: Vec<Run<'a>>,
    /// By dot path.
    pub(crate) config: InOrder<String, Setting<'a>>,
    pub(crate) provenance: ByRun<'a, &'a Provenance>,
    /// The versions of those that differ, by name.
    pub(crate) packages: InOrder<&'a str, ByRun<'a, &'a str>>,
    pub(crate) metrics: InOrder<&'a str, Metric<'a>>,
    pub(crate) code: ByRun<'a, Option<Code<'a>>>,
    /// For each run but the first, by path, in which of the two a file was changed; only if asked for.
    pub(crate) code_differences: Option<ByRun<'a, InOrder<&'a str, &'static str>>>,
    pub(crate) groups: Option<Groups<'a>>,
}

/// A setting, and whether not all runs have the same.
#[derive(Debug, Serialize)]
pub(crate) struct Setting<'a> {
    pub(crate) differs: bool,
    pub(crate) values: ByRun<'a, &'a Json>,
}

/// A metric, and the runs that are best in it.
#[derive(Debug, Serialize)]
pub(crate) struct Metric<'a> {
    pub(crate) direction: Option<Direction>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) values: ByRun<'a, Summary<Step>>,
    pub(crate) best: Vec<&'a str>,
}

/// The runs group by group, what each metric comes to in each, and the verdicts by one metric.
#[derive(Debug, Serialize)]
pub(crate) struct Groups<'a> {
    pub(crate) by: &'a str,
    /// `best`, `last` or a step.
    pub(crate) at: String,
    /// The group that the others are compared with.
    pub(crate) baseline: &'a str,
    /// The settings that make a pair of two runs which share them.
    pub(crate) paired_by: &'a [String],
    pub(crate) runs: InOrder<&'a str, Vec<&'a str>>,
    pub(crate) metrics: InOrder<&'a str, InOrder<&'a str, Spread>>,
    /// None of a single group.
    pub(crate) verdicts: Option<Verdicts<'a>>,
    /// What has to be said beside any verdict.
    pub(crate) notes: Vec<String>,
}

/// The mean of a group's results, the standard deviation and the 95 % interval, which a single run has not.
#[derive(Debug, Serialize)]
pub(crate) struct Spread {
    pub(crate) mean: Value,
    pub(crate) deviation: Option<Value>,
    pub(crate) interval: Option<[Value; 2]>,
    /// Those with a finite result.
    pub(crate) runs: usize,
    pub(crate) diverged: usize,
    pub(crate) missing: usize,
    /// Those that have not come to the step.
    pub(crate) early: usize,
}

/// The groups beside the baseline, by the metric that tells most.
#[derive(Debug, Serialize)]
pub(crate) struct Verdicts<'a> {
    pub(crate) metric: &'a str,
    /// Of the intervals of differences.
    pub(crate) level: f64,
    /// Of each group, with the 95 % interval.
    pub(crate) interquartile_means: InOrder<&'a str, (Value, Option<[Value; 2]>)>,
    pub(crate) of_groups: InOrder<&'a str, Verdict>,
}

/// A group beside the baseline. What needs more results than there are is null.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) ruling: Ruling,
    /// The mean less that of the baseline.
    pub(crate) difference: Option<Value>,
    pub(crate) interval: Option<[Value; 2]>,
    /// Alone, and with regard to the other groups.
    pub(crate) p: Option<f64>,
    pub(crate) p_holm: Option<f64>,
    /// How many pairs were compared; null where groups were compared as a whole.
    pub(crate) pairs: Option<usize>,
    /// How many results were compared: of the baseline, of the group.
    pub(crate) runs: Option<[usize; 2]>,
    /// How likely a run of the group does better than one of the baseline, with the 95 % interval.
    pub(crate) better: Option<f64>,
    pub(crate) better_interval: Option<[Value; 2]>,
    pub(crate) text: String,
}

/// What is concluded of a group; `greater` and `less` where nobody says which values are better.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ruling {
    Better,
    Worse,
    Greater,
    Less,
    NotShown,
    TooFew,
    NoSpread,
}
