//! From which run one was forked, and which were forked from it.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use tracker_core::{Step, read::RunReader};

use crate::terminal::text::{clean, more};

/// How many forks are named.
const MAX_FORKS: usize = 10;

/// Both.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Forks {
    /// Null for a run that is no fork.
    pub(crate) forked_from: Option<Forked>,
    pub(crate) forks: Vec<Forked>,
}

/// The other run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Forked {
    pub(crate) run: String,
    pub(crate) run_name: String,
    pub(crate) project: String,
    /// The last step that the fork has of its parent.
    pub(crate) step: Step,
    /// Whether the store has that run.
    pub(crate) is_there: bool,
}

/// Forks that would be left without the run from which they were forked.
#[derive(Debug)]
pub(crate) struct Orphans<'a>(HashMap<&'a str, Vec<&'a str>>);

impl<'a> Orphans<'a> {
    /// The forks in `listed` that stay when these runs go.
    pub(crate) fn of(going: &[RunReader], listed: &'a [RunReader]) -> Self {
        let going: HashSet<&str> = going.iter().map(|run| run.info().id.as_str()).collect();
        let mut left: HashMap<&str, Vec<&str>> = HashMap::new();
        for run in listed.iter().map(RunReader::info) {
            if let Some(parent) = &run.parent
                && going.contains(parent.run.as_str())
                && !going.contains(run.id.as_str())
            {
                left.entry(parent.run.as_str()).or_default().push(&run.name);
            }
        }
        Self(left)
    }

    /// The names of those that a run would leave, if there are any.
    pub(crate) fn left_by(&self, run: &RunReader) -> Option<&[&'a str]> {
        self.0.get(run.info().id.as_str()).map(Vec::as_slice)
    }
}

impl Forks {
    /// What the runs of the store, those in `listed`, tell of one of them.
    pub(crate) fn of(run: &RunReader, listed: &[RunReader]) -> Self {
        let id = &run.info().id;
        let fork = |other: &RunReader| {
            let parent = other.info().parent.as_ref().filter(|parent| parent.run == *id)?;
            Some(forked(other, other.forked_after().unwrap_or(parent.step)))
        };
        Self {
            forked_from: forked_from(run, listed),
            forks: listed.iter().filter_map(fork).collect(),
        }
    }
}

fn forked_from(run: &RunReader, listed: &[RunReader]) -> Option<Forked> {
    let parent = run.info().parent.as_ref()?;
    let step = run.forked_after().unwrap_or(parent.step);
    let there = listed.iter().find(|other| other.info().id == parent.run);
    Some(there.map_or_else(
        || Forked {
            run: parent.run.to_string(),
            run_name: parent.name.clone(),
            project: parent.project.clone(),
            step,
            is_there: false,
        },
        |there| forked(there, step),
    ))
}

fn forked(other: &RunReader, step: Step) -> Forked {
    let info = other.info();
    Forked {
        run: info.id.to_string(),
        run_name: info.name.clone(),
        project: info.project.clone(),
        step,
        is_there: true,
    }
}

/// The rows that tell of them.
pub(crate) fn rows(forks: &Forks) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some(parent) = &forks.forked_from {
        let gone = if parent.is_there { "" } else { ", which is not in this store" };
        rows.push(("forked from", format!("{}{gone}", named(parent))));
    }
    let mut names: Vec<String> = forks.forks.iter().take(MAX_FORKS).map(named).collect();
    names.extend(more(forks.forks.len(), MAX_FORKS, "--json has all"));
    if !names.is_empty() {
        rows.push(("forks", names.join(", ")));
    }
    rows
}

fn named(other: &Forked) -> String {
    format!("{} after step {}", clean(&other.run_name), other.step)
}
