//! What the stream tells.

use serde::Serialize;

use crate::answers::{in_order::InOrder, step::Step};

/// The event `hello`: something may have been missed.
#[derive(Debug, Serialize)]
pub(crate) struct Hello {
    pub(crate) tracker: &'static str,
}

/// The event `runs`, with the ids of runs.
#[derive(Debug, Serialize)]
pub(crate) struct RunsChanged {
    pub(crate) added: Vec<String>,
    pub(crate) changed: Vec<String>,
    pub(crate) removed: Vec<String>,
}

impl RunsChanged {
    pub(crate) fn is_empty(&self) -> bool {
        [&self.added, &self.changed, &self.removed].iter().all(|runs| runs.is_empty())
    }
}

/// The event `points`, by the ids of the runs that have new ones.
#[derive(Debug, Serialize)]
pub(crate) struct PointsLogged<'a> {
    pub(crate) runs: InOrder<&'a str, Points>,
}

/// How far a run has come.
#[derive(Debug, Serialize)]
pub(crate) struct Points {
    pub(crate) last_step: Step,
    pub(crate) points: u64,
}
