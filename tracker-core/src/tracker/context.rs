//! What an adapter may know of the run behind a tracker.

use std::{fmt, path::Path};

use crate::{Knob, Outcome, Result, RunId, Step};

/// The stored run behind a tracker, as [`Tracker::context`](crate::Tracker::context) gives it: where
/// training stands in it, and what an adapter tells it of the training. [`Run`](crate::Run) is one. A
/// tracker that wraps another one passes on what that one gives.
///
/// All calls may come from any thread. Only [`resume_after`](Self::resume_after) and
/// [`knob`](Self::knob) wait for a disk.
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

    /// How often the last steps of the training were asked for: by a rule that saw something, or by
    /// `tracker flight`. An adapter with a flight recorder hands them over when this has grown.
    fn flights_asked(&self) -> u64 {
        0
    }

    /// Says that the training goes on from a checkpoint of `step`: what was logged beyond it is
    /// superseded.
    ///
    /// # Errors
    /// If the run's folder cannot be listed, or this process was forked from the run's own.
    fn resume_after(&self, step: Step) -> Result<()>;

    /// Says how the training came out, for a program that ends the run without looking.
    fn conclude(&self, outcome: Outcome);

    /// How many checkpoints were asked for since the process began; who asks this saves one whenever it has
    /// grown. 0 where nobody can ask.
    fn checkpoints_asked(&self) -> u64 {
        0
    }

    /// Declares a number that people may change while the training goes on; one that stays as it is where
    /// the run has no such numbers. In a resumed run, the first call waits for a disk.
    fn knob(&self, name: &str, default: f64) -> Knob {
        Knob::fixed(name, default)
    }
}
