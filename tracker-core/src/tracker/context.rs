//! What an adapter may know of the run behind a tracker.

use std::{fmt, path::Path};

use crate::{Outcome, Result, RunId, Step};

/// The stored run behind a tracker, as [`Tracker::context`](crate::Tracker::context) gives it: where
/// training stands in it, and what an adapter tells it of the training. [`Run`](crate::Run) is one. A
/// tracker that wraps another one passes on what that one gives.
///
/// All calls may come from any thread. Only [`resume_after`](Self::resume_after) waits for a disk.
pub trait RunContext: Send + Sync + fmt::Debug {
    /// The run's id.
    fn id(&self) -> &RunId;

    /// The run's name.
    fn name(&self) -> &str;

    /// The run's folder, in which the store's own files lie.
    fn path(&self) -> &Path;

    /// The folder for all other files of the run. It exists.
    fn directory(&self) -> &Path;

    /// Whether anything is stored, so that it can be read again.
    fn is_stored(&self) -> bool;

    /// The rank of this process in its training; 0 for the first or only one.
    fn rank(&self) -> u16;

    /// Whether the run has a past to go on from: it existed before this process, or was forked from another
    /// one.
    fn is_resumed(&self) -> bool;

    /// The step that an adapter announced last; `None` before the first one.
    fn position(&self) -> Option<Step>;

    /// The step with which a training that begins now goes on.
    fn next_step(&self) -> Step;

    /// Who asked the run to stop, and why; `None` while nobody did.
    fn stop_reason(&self) -> Option<String>;

    /// Says that the training goes on from a checkpoint of `step`: what was logged beyond it is
    /// superseded.
    ///
    /// # Errors
    /// If the run's folder cannot be listed, or this process was forked from the run's own.
    fn resume_after(&self, step: Step) -> Result<()>;

    /// Says how the training came out, for a program that ends the run without looking.
    fn conclude(&self, outcome: Outcome);
}
