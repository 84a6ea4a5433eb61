//! How a run ended, and what state a reader finds it in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a training ended, as the training itself says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Outcome {
    /// It came to its end.
    #[default]
    Finished,
    /// It ended in an error or a panic; the text says which.
    Failed(String),
    /// Somebody asked it to stop; the text says who and why.
    Stopped(String),
    /// The run was dropped without `finish`; the text says what that may mean.
    Ended(String),
}

impl Outcome {
    /// The state that this outcome leaves the run in.
    pub fn state(&self) -> State {
        match self {
            Self::Finished => State::Finished,
            Self::Failed(_) => State::Failed,
            Self::Stopped(_) => State::Stopped,
            Self::Ended(_) => State::Ended,
        }
    }

    /// The words beside the state, if there are any.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Finished => None,
            Self::Failed(text) | Self::Stopped(text) | Self::Ended(text) => Some(text),
        }
    }
}

/// The state of a run, as a reader finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// Its process lives.
    Running,
    /// It came to its end.
    Finished,
    /// It ended in an error or a panic.
    Failed,
    /// Somebody asked it to stop.
    Stopped,
    /// It was dropped without `finish`.
    Ended,
    /// Its process is gone and left no word: killed, out of memory, `process::exit`.
    Crashed,
    /// Its process ran on another machine, from which nothing has been heard for a minute.
    Lost,
}

impl State {
    /// The state's name in lower case, as files and commands show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Ended => "ended",
            Self::Crashed => "crashed",
            Self::Lost => "lost",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
