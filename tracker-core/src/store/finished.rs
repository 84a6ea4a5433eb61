//! What the end of a run leaves.

use std::path::PathBuf;

use crate::{AlertSummary, Problem, store::unsaved::Failure, tracker::report::Table};

/// What is left of a run after it has been saved.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) points: u64,
    /// Where the run's folder is now.
    pub(crate) folder: PathBuf,
    /// What is missing of them, or of the events.
    pub(crate) failure: Option<Failure>,
    /// The words beside the run's state.
    pub(crate) message: Option<String>,
    pub(crate) table: Table,
    pub(crate) problems: Vec<Problem>,
    pub(crate) alerts: AlertSummary,
}
