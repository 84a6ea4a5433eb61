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

use std::{collections::BTreeMap, io};

use crate::{
    Error, Result, State, Timestamp,
    error::{IoContext, excerpt, some_of},
    format::{
        control_line::{ControlLine, KnobValues, Request},
        layout::CONTROL,
    },
    platform::machine::this_user,
    read::RunReader,
};

pub use crate::tracker::{checkpoint_request::CheckpointRequest, stop_request::StopRequest};

impl StopRequest {
    /// Sends the request. Its processes see it within a second; of several requests the most urgent
    /// counts.
    ///
    /// # Errors
    /// If the run is not running, or its folder cannot be written.
    pub fn send(&self, run: &RunReader) -> Result<()> {
        check_running("stop", run)?;
        send(run, Request::Stop(self.clone()))
    }
}

impl CheckpointRequest {
    /// Sends the request. Its processes see it within a second.
    ///
    /// # Errors
    /// If the run is not running, or its folder cannot be written.
    pub fn send(&self, run: &RunReader) -> Result<()> {
        check_running("save a checkpoint of", run)?;
        send(run, Request::Checkpoint(self.clone()))
    }
}

/// Gives [knobs](crate::Knob) of a training other values: all of them where one step begins.
///
/// ```no_run
/// use tracker_core::{control::SetKnobs, read::Store};
///
/// # fn main() -> Result<(), tracker_core::Error> {
/// let run = Store::discover()?.find("@latest")?;
/// SetKnobs::new().knob("lr", 5e-4).knob("dropout", 0.2).send(&run)?;
/// # Ok(())
/// # }
/// ```
///
/// A training of one process takes them with its next step, within a second. Of several ranks, the first
/// names a step about three seconds ahead, so that all of them take the values at the same one.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "nothing is asked before `.send(..)`"]
pub struct SetKnobs(KnobValues);

/// The longest line that a training reads.
const LONGEST_LINE: usize = 1 << 16;

impl SetKnobs {
    /// Asks for nothing yet.
    pub fn new() -> Self {
        Self(KnobValues { knobs: BTreeMap::new(), by: this_user() })
    }

    /// Asks for a value of a knob. Of several for the same knob, the last one counts.
    pub fn knob(mut self, name: impl Into<String>, value: f64) -> Self {
        self.0.knobs.insert(name.into(), value);
        self
    }

    /// Says who asks, in place of this process's user and machine.
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.0.by = who.into();
        self
    }

    /// Sends the request. Nothing is sent if one of the values is refused.
    ///
    /// # Errors
    /// If the run is not running, has no such knob, or the knob does not take the value; if there are so
    /// many that a training would not read them, or the run's folder cannot be written.
    pub fn send(&self, run: &RunReader) -> Result<()> {
        check_running("set knobs of", run)?;
        for (name, value) in &self.0.knobs {
            check_knob(run, name, *value)?;
        }
        let request = Request::Set(self.0.clone());
        if serde_json::to_vec(&request).map_or(0, |line| line.len()) > LONGEST_LINE / 2 {
            return Err(Error::Refused {
                action: "set knobs of",
                path: run.path().to_owned(),
                reason: "these are too many at once".into(),
                hint: "ask for some of them, and then for the others".into(),
            });
        }
        send(run, request)
    }
}

impl Default for SetKnobs {
    fn default() -> Self {
        Self::new()
    }
}

fn check_knob(run: &RunReader, name: &str, value: f64) -> Result<()> {
    let knobs = &run.info().knobs;
    let refused = |reason: String, hint: String| {
        Err(Error::InvalidName { what: "knob", name: excerpt(name), reason, hint })
    };
    let Some(knob) = knobs.get(name) else {
        let reason = format!("run {} has none of this name", run.info().name);
        let known = some_of(knobs.keys(), name);
        return refused(
            reason,
            match known.as_str() {
                "" => "the training declares knobs by `run.knob(\"lr\", 1e-3)`".into(),
                known => format!("it has {known}"),
            },
        );
    };
    let hint = || format!("its value is {:?}, its default {:?}", knob.value, knob.default);
    match knob.check(value) {
        Ok(()) => Ok(()),
        Err(reason) => refused(format!("it cannot be {value:?}: {reason}"), hint()),
    }
}

/// Asks for the last steps of a training that has a flight recorder, as `tracker flight` does. They are stored
/// some steps later: [`RunReader::flights`] has them then.
///
/// # Errors
/// If the run is not running, or its folder cannot be written.
pub fn ask_for_flight(run: &RunReader) -> Result<()> {
    check_running("ask", run)?;
    send(run, Request::Flight { writer: None })
}

/// Appends a line to the run's requests. It names the attempt that is asked: where the run lies elsewhere, another one may
/// have begun before the line is there.
fn send(run: &RunReader, request: Request) -> Result<()> {
    let attempt = run.paths().contents().ok().and_then(|held| held.attempt_of_first_rank());
    let line = ControlLine { attempt, ..ControlLine::new(Timestamp::now(), request) };
    let hint = "ask as a user who may write to the run's folder";
    let written = serde_json::to_value(&line).map_err(io::Error::from);
    let written = written.and_then(|line| run.paths().append(CONTROL, &line));
    written.io_context("write", &run.paths().place(CONTROL), hint)
}

fn check_running(action: &'static str, run: &RunReader) -> Result<()> {
    let state = run.state();
    if state == State::Running { Ok(()) } else { Err(not_running(action, run, state)) }
}

fn not_running(action: &'static str, run: &RunReader, state: State) -> Error {
    let hint = match state {
        State::Lost => "its machine has been silent for a minute; look there whether it runs",
        _ => "only a run that is running can be asked; `tracker ls` shows which are",
    };
    Error::Refused {
        action,
        path: run.path().to_owned(),
        reason: format!("run {} is {state}", run.info().name),
        hint: hint.into(),
    }
}
