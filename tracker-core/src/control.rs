//! Asks a run that lives for something, from any process that sees its folder.
//!
//! ```no_run
//! use tracker_core::{control::StopRequest, read::Store};
//!
//! # fn main() -> Result<(), tracker_core::Error> {
//! let run = Store::discover()?.find("@latest")?;
//! StopRequest::after_epoch().why("out of budget").send(&run)?;
//! # Ok(())
//! # }
//! ```
//!
//! A request is a line of `control.jsonl` in the run's folder. Every process of the run sees it
//! within a second; lines from before a process began are not for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result, State, Stop, Timestamp,
    error::IoContext,
    format::{
        control_line::{ControlLine, Request},
        owner::this_user,
    },
    read::RunReader,
};

/// Asks a training to stop.
///
/// A training stops by itself if an adapter runs it, or if its loop looks at
/// [`requests`](crate::Tracker::requests). Another one trains on.
///
/// Its `Display` is the reason that the run then gives: `alice@host asked to stop after this epoch:
/// out of budget`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRequest {
    when: When,
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// How soon the training should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum When {
    AfterEpoch,
    Now,
}

impl StopRequest {
    /// Asks it to end after the epoch that it is in, with its checkpoint saved.
    pub fn after_epoch() -> Self {
        Self::of(When::AfterEpoch)
    }

    /// Asks it to end within a batch.
    pub fn now() -> Self {
        Self::of(When::Now)
    }

    fn of(when: When) -> Self {
        Self { when, by: this_user(), why: None }
    }

    /// Says who asks, in place of this process's user and machine.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.by = who.into();
        self
    }

    /// Says why.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// How soon the training should end, as it will see it.
    pub fn stop(&self) -> Stop {
        match self.when {
            When::AfterEpoch => Stop::AfterEpoch,
            When::Now => Stop::Now,
        }
    }

    /// Sends the request. Its processes see it within a second; of several requests the most urgent
    /// counts.
    ///
    /// # Errors
    /// If the run is not running, or its folder cannot be written.
    pub fn send(&self, run: &RunReader) -> Result<()> {
        let state = run.state();
        if state != State::Running {
            return Err(not_running(run, state));
        }
        let line = ControlLine { time: Timestamp::now(), request: Request::Stop(self.clone()) };
        let path = run.paths().control();
        let hint = "ask as a user who may write to the run's folder";
        path.append_line(&line).io_context("write", &path, hint)
    }
}

impl fmt::Display for StopRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = match self.when {
            When::AfterEpoch => "after this epoch",
            When::Now => "now",
        };
        write!(f, "{} asked to stop {when}", self.by)?;
        match &self.why {
            Some(why) => write!(f, ": {why}"),
            None => Ok(()),
        }
    }
}

fn not_running(run: &RunReader, state: State) -> Error {
    let hint = match state {
        State::Lost => "its machine has been silent for a minute; stop it there",
        _ => "only a run that is running can be asked; `tracker ls` shows which are",
    };
    Error::Refused {
        action: "stop",
        path: run.path().to_owned(),
        reason: format!("run {} is {state}", run.info().name),
        hint: hint.into(),
    }
}
