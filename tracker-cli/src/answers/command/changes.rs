//! What was changed of many runs, and what can be taken back.

use serde::Serialize;
use tracker_core::{Timestamp, upkeep::Change as Known};

/// What `tracker mv` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Moved<'a> {
    pub(crate) project: &'a str,
    /// Those that are there now.
    pub(crate) runs: Vec<&'a str>,
    /// What `tracker undo` takes; null if nothing was changed.
    pub(crate) change: Option<&'a str>,
}

/// What `tracker undo` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Undone<'a> {
    pub(crate) change: &'a str,
    pub(crate) runs: usize,
}

/// What `tracker undo --list` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Changes<'a> {
    pub(crate) changes: Vec<Change<'a>>,
}

/// A change that can be taken back.
#[derive(Debug, Serialize)]
pub(crate) struct Change<'a> {
    pub(crate) id: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) by: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) runs: usize,
    pub(crate) text: String,
}

impl<'a> Changes<'a> {
    pub(crate) fn of(changes: &'a [Known]) -> Self {
        let change = |change: &'a Known| Change {
            id: change.id.as_str(),
            time: change.time,
            by: &change.by,
            kind: change.kind.as_str(),
            runs: change.runs,
            text: change.to_string(),
        };
        Self { changes: changes.iter().map(change).collect() }
    }
}
