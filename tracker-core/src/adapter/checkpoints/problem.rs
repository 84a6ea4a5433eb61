//! What can go wrong with checkpoints, in words. Problems are counted; training goes on.

use std::{fmt::Display, path::Path, time::Duration};

use crate::{Problem, adapter::checkpoints::version::Version};

pub(crate) fn no_folder() -> Problem {
    Problem::new(
        "checkpoint-without-folder",
        "no checkpoint is saved: the tracker has no folder for files",
        "say where with `CheckpointOptions::new().folder(..)`",
    )
}

pub(crate) fn not_copied(version: Version, error: &str) -> Problem {
    Problem::new(
        "checkpoint-not-copied",
        format!("the training could not be copied for checkpoint {version}: {error}"),
        "the copy needs as much memory as the variables; each of them needs a name of its own",
    )
}

pub(crate) fn not_written(version: Version, folder: &Path, error: &dyn Display) -> Problem {
    Problem::new(
        "checkpoint-not-written",
        format!("checkpoint {version} could not be written to {}: {error}", folder.display()),
        "check the disk's free space and the folder's permissions; earlier checkpoints stand",
    )
}

pub(crate) fn no_writer(error: &std::io::Error) -> Problem {
    Problem::new(
        "checkpoint-without-thread",
        format!("no thread could be started to write checkpoints: {error}"),
        "raise the limit of threads of this process",
    )
}

pub(crate) fn writer_ended(version: Version) -> Problem {
    Problem::new(
        "checkpoint-writer-ended",
        format!("checkpoint {version} was dropped: the thread that writes them has panicked"),
        "what was saved before stands; please report the panic's message",
    )
}

pub(crate) fn no_room(version: Version, waited: Duration) -> Problem {
    Problem::new(
        "checkpoint-dropped",
        format!("checkpoint {version} was dropped: the disk was busy with others for {waited:?}"),
        "save less often, or to a faster disk",
    )
}

pub(crate) fn stalled(patience: Duration) -> Problem {
    Problem::new(
        "checkpoint-not-finished",
        format!("the last checkpoints are not on the disk: it took nothing for {patience:?}"),
        "check the disk; what was saved before stands",
    )
}

pub(crate) fn not_deleted(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        "checkpoint-not-deleted",
        format!("an old checkpoint could not be deleted: {}: {error}", path.display()),
        "check the folder's permissions; it is tried again with the next checkpoint",
    )
}

pub(crate) fn index_not_read(error: &crate::Error) -> Problem {
    Problem::new(
        "checkpoints-not-known",
        format!("the run's earlier checkpoints could not be looked up: {error}"),
        "none of them is deleted, and the best is that of this attempt",
    )
}

pub(crate) fn unknown_direction(metric: &str) -> Problem {
    Problem::new(
        "checkpoint-best-unknown",
        format!("no checkpoint is the best: which values of `{metric}` are better is not known"),
        format!("say `.best_highest(\"{metric}\")` or `.best_lowest(\"{metric}\")`"),
    )
}

pub(crate) fn metric_missing(metric: &str, version: Version, known: &str) -> Problem {
    let known = if known.is_empty() { "nothing" } else { known };
    Problem::new(
        "checkpoint-without-metric",
        format!("checkpoint {version} cannot be the best: `{metric}` was not measured"),
        format!("what was measured is {known}; name one of these in `.best(..)`"),
    )
}

pub(crate) fn passed_over(name: &str, reason: &str) -> Problem {
    Problem::new(
        "checkpoint-damaged",
        format!("checkpoint {name} was passed over: {reason}"),
        "the training goes on from an earlier one, and the file is called `….damaged` now; \
         bring it back if you have a copy of it",
    )
}

pub(crate) fn no_optimizer_state(version: Version) -> Problem {
    Problem::new(
        "optimizer-state-not-saved",
        format!("checkpoint {version} does not hold what the optimizer remembered"),
        "the optimizer starts anew; wrap it before the first checkpoint is saved",
    )
}
