//! Signals, of which this process hears none: each has its own effect.

use std::{io, process, time::Duration};

/// The numbers that POSIX gives them.
pub(crate) const SIGHUP: i32 = 1;
pub(crate) const SIGINT: i32 = 2;
pub(crate) const SIGTERM: i32 = 15;

/// What a thread would be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(dead_code, reason = "what other systems tell")]
pub(crate) enum Note {
    Signal(i32),
    Exit,
}

/// Notes that nobody gets.
#[derive(Debug)]
pub(crate) enum Notes {}

impl Notes {
    /// # Errors
    /// Always.
    pub(crate) fn of_signals(_: &[i32]) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn next(&mut self, _: Option<Duration>) -> Option<Note> {
        match *self {}
    }
}

/// There is nobody to tell.
pub(crate) fn note_exit() {}

/// No thread reads notes.
pub(crate) fn is_watching_process() -> bool {
    false
}

/// No handler is ours.
pub(crate) fn is_ours_alone(_: i32) -> bool {
    false
}

/// The name of a signal.
pub(crate) fn name(signal: i32) -> &'static str {
    match signal {
        SIGINT => "SIGINT",
        SIGTERM => "SIGTERM",
        SIGHUP => "SIGHUP",
        _ => "a signal",
    }
}

/// Ends the process with the status that a shell gives one that died by a signal.
pub(crate) fn quit_by(signal: i32) -> ! {
    process::exit(128 + signal)
}
