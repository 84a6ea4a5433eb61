//! What was changed of a run, or asked of it.

use std::collections::BTreeMap;

use serde::Serialize;
use tracker_core::read::RunKnob;

/// What `tracker note` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Noted<'a> {
    pub(crate) run: &'a str,
    pub(crate) notes: Option<&'a str>,
}

/// What `tracker tag` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Tagged<'a> {
    pub(crate) run: &'a str,
    pub(crate) tags: &'a [String],
}

/// What `tracker tag` and `note` print, of many runs.
#[derive(Debug, Serialize)]
pub(crate) struct EditedRuns<'a> {
    pub(crate) runs: Vec<&'a str>,
    /// What `tracker undo` takes; null if nothing was changed.
    pub(crate) change: Option<&'a str>,
}

/// What `tracker note --project` prints.
#[derive(Debug, Serialize)]
pub(crate) struct NotedProject<'a> {
    pub(crate) project: &'a str,
    pub(crate) path: &'a str,
    pub(crate) notes: Option<&'a str>,
}

/// What `tracker stop` prints.
#[derive(Debug, Serialize)]
pub(crate) struct StopAsked<'a> {
    pub(crate) run: &'a str,
    pub(crate) when: &'static str,
    pub(crate) reason: String,
}

/// What `tracker set` prints, if it changes something.
#[derive(Debug, Serialize)]
pub(crate) struct KnobsAsked<'a> {
    pub(crate) run: &'a str,
    pub(crate) asked: BTreeMap<&'a str, f64>,
}

/// What `tracker set` prints, if it changes nothing.
#[derive(Debug, Serialize)]
pub(crate) struct Knobs<'a> {
    pub(crate) run: &'a str,
    pub(crate) knobs: &'a BTreeMap<String, RunKnob>,
}

/// What `tracker checkpoint` prints.
#[derive(Debug, Serialize)]
pub(crate) struct CheckpointAsked<'a> {
    pub(crate) run: &'a str,
    pub(crate) reason: String,
}
