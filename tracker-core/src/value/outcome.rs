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

    /// The state with the words beside it, `failed: out of memory`. Words that begin with the state
    /// say it already: `stopped by SIGTERM`.
    pub fn told_with(self, message: Option<&str>) -> String {
        match message {
            Some(message) if self.is_said_by(message) => message.to_owned(),
            Some(message) => format!("{self}: {message}"),
            None => self.to_string(),
        }
    }

    pub(crate) fn is_said_by(self, message: &str) -> bool {
        let rest = message.strip_prefix(self.as_str());
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_told_once() {
        for (state, message, told) in [
            (State::Stopped, Some("stopped by SIGTERM"), "stopped by SIGTERM"),
            (State::Failed, Some("failed"), "failed"),
            (State::Failed, Some("failed_over twice"), "failed: failed_over twice"),
            (State::Finished, Some("stopped early"), "finished: stopped early"),
            (State::Failed, Some("out of memory"), "failed: out of memory"),
            (State::Crashed, None, "crashed"),
        ] {
            assert_eq!(state.told_with(message), told);
        }
    }
}
