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

use std::io;

use crate::{
    Error, Result, State, Timestamp,
    error::IoContext,
    format::{
        control_line::{ControlLine, Request},
        layout::CONTROL,
    },
    read::RunReader,
};

pub use crate::tracker::stop_request::StopRequest;

impl StopRequest {
    /// Sends the request. Its processes see it within a second; of several requests the most urgent
    /// counts.
    ///
    /// # Errors
    /// If the run is not running, or its folder cannot be written.
    pub fn send(&self, run: &RunReader) -> Result<()> {
        send(run, "stop", Request::Stop(self.clone()))
    }
}

/// Asks for the last steps of a training that has a flight recorder, as `tracker flight` does. They are stored
/// some steps later: [`RunReader::flights`] has them then.
///
/// # Errors
/// If the run is not running, or its folder cannot be written.
pub fn ask_for_flight(run: &RunReader) -> Result<()> {
    send(run, "ask", Request::Flight { writer: None })
}

fn send(run: &RunReader, action: &'static str, request: Request) -> Result<()> {
    let state = run.state();
    if state != State::Running {
        return Err(not_running(run, action, state));
    }
    let line = ControlLine { time: Timestamp::now(), request };
    let hint = "ask as a user who may write to the run's folder";
    let written = serde_json::to_value(&line).map_err(io::Error::from);
    let written = written.and_then(|line| run.files().append(CONTROL, &line));
    written.io_context("write", &run.files().place(CONTROL), hint)
}

fn not_running(run: &RunReader, action: &'static str, state: State) -> Error {
    let hint = match state {
        State::Lost => "its machine has been silent for a minute; stop it there",
        _ => "only a run that is running can be asked; `tracker ls` shows which are",
    };
    Error::Refused {
        action,
        path: run.path().to_owned(),
        reason: format!("run {} is {state}", run.info().name),
        hint: hint.into(),
    }
}
