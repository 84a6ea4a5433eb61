//! Runs side by side. A run without a setting, metric or package is left out there.

use serde::Serialize;
use serde_json::Value as Json;
use tracker_core::{Direction, Step, read::Provenance};

use crate::answers::{
    command::{code::Code, groups::Groups, run::Run},
    in_order::InOrder,
    summary::Summary,
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
