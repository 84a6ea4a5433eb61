//! What an agent has changed, and how it is taken back.

use serde::Serialize;

/// What each tool that changes a run answers.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    pub(crate) run: String,
    /// What was done, in a sentence.
    pub(crate) done: String,
    /// How a person, or another call, takes it back.
    pub(crate) undo: String,
}

/// What `enqueue` answers.
#[derive(Debug, Serialize)]
pub(crate) struct Queued {
    pub(crate) study: String,
    pub(crate) trial: usize,
    pub(crate) done: String,
    pub(crate) undo: String,
}
