//! What a fork would begin with.

use serde::Serialize;
use tracker_core::{
    Step,
    read::{ForkCheckpoint, ForkPoint},
};

/// What `tracker fork --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct ForkBegins<'a> {
    fork_of: &'a str,
    name: &'a str,
    project: &'a str,
    /// The last step that the fork has of the run.
    step: Step,
    checkpoint: Option<Checkpoint<'a>>,
    /// Newer checkpoints that are not whole.
    passed_over: &'a [String],
}

#[derive(Debug, Serialize)]
struct Checkpoint<'a> {
    version: &'a str,
    step: Step,
    epoch: Option<u64>,
}

impl<'a> ForkBegins<'a> {
    pub(crate) fn of(point: &'a ForkPoint) -> Self {
        let info = point.run.info();
        let checkpoint = |known: &'a ForkCheckpoint| Checkpoint {
            version: &known.version,
            step: known.step,
            epoch: known.epoch,
        };
        Self {
            fork_of: info.id.as_str(),
            name: &info.name,
            project: &info.project,
            step: point.step,
            checkpoint: point.checkpoint.as_ref().map(checkpoint),
            passed_over: &point.passed_over,
        }
    }
}
