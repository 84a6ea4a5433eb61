//! How a run's store does while it trains.

use std::fmt;

use crate::{Problem, Sent};

/// A look at a run's store, from [`Run::status`](crate::Run::status).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// What a killed process would lose.
    pub mode: Mode,
    /// Points that are not in a log file yet, names of metrics included.
    pub waiting: u64,
    /// Points that found no place, because the disk took nothing for too long.
    pub dropped: u64,
    /// What went wrong so far, by kind.
    pub problems: Vec<Problem>,
    /// How much is in each place that the run is sent to beside the training; empty where it is sent nowhere.
    pub sync: Vec<Sent>,
}

/// Where points are between the log call and the log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// In memory that outlives the process: `kill -9` loses nothing that was logged.
    Mapped,
    /// In the process's own memory, for a few milliseconds: those are lost with it.
    Buffered,
    /// Nowhere: tracking is disabled.
    Disabled,
}

impl Mode {
    /// The mode's name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Buffered => "buffered",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
