//! What of runs came over to another tool.

use serde::Serialize;
use tracker_core::read::RunReader;
use tracker_export::{Destination, Tally};

/// What `tracker export --to TOOL` and `tracker mirror` print.
#[derive(Debug, Serialize)]
pub(crate) struct All<'a> {
    tool: &'static str,
    place: &'a str,
    /// What to do next, as a command or words.
    next: String,
    runs: Vec<BroughtOver<'a>>,
}

/// What of one run came over.
#[derive(Debug, Serialize)]
pub(crate) struct BroughtOver<'a> {
    run: &'a str,
    name: &'a str,
    /// Of a mirror: whether the run has ended and all is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<bool>,
    #[serde(flatten)]
    tally: &'a Tally,
}

impl<'a> All<'a> {
    pub(crate) fn new(destination: &'a Destination, runs: Vec<BroughtOver<'a>>) -> Self {
        let (tool, next) = (destination.neighbour.name(), destination.next_step());
        Self { tool, place: &destination.place, next, runs }
    }
}

impl<'a> BroughtOver<'a> {
    pub(crate) fn new(run: &'a RunReader, tally: &'a Tally, done: Option<bool>) -> Self {
        let info = run.info();
        Self { run: info.id.as_str(), name: &info.name, done, tally }
    }
}
