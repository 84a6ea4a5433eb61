//! What came of a change of many runs.

use serde::Serialize;
use tracker_core::{Timestamp, upkeep::Change as Known};

/// A run of which something was not done.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NotDone {
    pub(crate) run: String,
    pub(crate) name: String,
    pub(crate) error: String,
    pub(crate) hint: String,
}

/// A change that can be taken back.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Change {
    pub(crate) id: String,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
    pub(crate) by: String,
    #[cfg_attr(test, ts(type = r#""deleted" | "moved" | "edited" | "project-renamed""#))]
    pub(crate) kind: &'static str,
    pub(crate) runs: usize,
    /// What was done, in words.
    pub(crate) text: String,
}

/// What `/many`, `/undo` and `/projects/NAME/rename` answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Many {
    /// How many runs are as was asked.
    pub(crate) done: usize,
    /// How many are not.
    pub(crate) not_done: usize,
    /// The first of those.
    pub(crate) refused: Vec<NotDone>,
    /// What takes it back; null where nothing can be.
    pub(crate) change: Option<Change>,
}

/// What `/changes` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Changes {
    /// The last ones, the latest first.
    pub(crate) changes: Vec<Change>,
}

/// What `/projects/NAME/notes` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ProjectNotes {
    /// Markdown; empty if there are none.
    pub(crate) notes: String,
    /// The file that they are in.
    pub(crate) path: String,
}

impl From<&Known> for Change {
    fn from(known: &Known) -> Self {
        Self {
            id: known.id.to_string(),
            time: known.time,
            by: known.by.clone(),
            kind: known.kind.as_str(),
            runs: known.runs,
            text: known.to_string(),
        }
    }
}
