//! What came of a change of many runs.

use crate::{Error, RunId, read::RunReader, upkeep::changes::record::Change};

/// What came of a change of many runs. Some may have been refused.
#[derive(Debug)]
#[non_exhaustive]
pub struct Changed {
    /// The change, which [`undo`](crate::upkeep::undo) takes back; `None` if nothing was changed.
    pub change: Option<Change>,
    /// The ids of the runs that are as was asked.
    pub done: Vec<RunId>,
    /// The runs that are as they were.
    pub refused: Vec<Refusal>,
}

/// A run of which something was not done.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// Its id.
    pub run: RunId,
    /// Its name.
    pub name: String,
    /// Why, and the way out.
    pub error: Error,
}

/// What came of taking a change back.
#[derive(Debug)]
#[non_exhaustive]
pub struct Undone {
    /// How many runs are again as they were before the change.
    pub runs: usize,
    /// Those that are not.
    pub refused: Vec<Refusal>,
}

impl Changed {
    pub(super) fn nothing() -> Self {
        Self { change: None, done: Vec::new(), refused: Vec::new() }
    }

    pub(super) fn refuse(&mut self, run: &RunReader, error: Error) {
        let (id, name) = (run.info().id.clone(), run.info().name.clone());
        self.refused.push(Refusal { run: id, name, error });
    }
}
