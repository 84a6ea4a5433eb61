//! What an agent may change, if somebody said so.

use clap::ValueEnum;

/// A tool that changes something. None is there unless it is allowed by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Change {
    /// Writes the notes of a run.
    Note,
    /// Adds tags to a run and takes tags away.
    Tag,
    /// Asks a training to stop.
    Stop,
    /// Lets a study try some values.
    Enqueue,
    /// Gives a knob of a training another value.
    Set,
}
