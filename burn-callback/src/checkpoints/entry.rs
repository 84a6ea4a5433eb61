//! A checkpoint's entry in the index of the run's artifacts.

use std::path::{Path, PathBuf};

use tracker_core::{Artifact, Event, Problem};

use super::epoch_history::Epoch;

/// The artifact's name for the record `kind`, such as `checkpoint/model`.
pub(crate) fn name(kind: &str) -> String {
    format!("checkpoint/{kind}")
}

/// The artifact's version for the record of an epoch of the run's `training`, from 1: each whose
/// default checkpointers save in a folder of their own has versions of its own.
pub(crate) fn version(training: u64, epoch: u64) -> String {
    match training {
        0 | 1 => format!("epoch-{epoch}"),
        _ => format!("training-{training}-epoch-{epoch}"),
    }
}

/// The training and the epoch of a [`version`]; `None` for anybody else's.
pub(crate) fn training_and_epoch(version: &str) -> Option<(u64, u64)> {
    let (training, rest) = match version.strip_prefix("training-") {
        Some(rest) => rest.split_once('-')?,
        None => ("1", version),
    };
    Some((training.parse().ok()?, rest.strip_prefix("epoch-")?.parse().ok()?))
}

/// The entry of a record that was saved after `epoch`, with all that is known of it.
pub(crate) fn saved(artifact: Artifact, kind: &str, epoch: u64, known: Option<Epoch>) -> Event {
    let mut artifact = artifact.kind(kind).epoch(epoch).alias("latest");
    if let Some(Epoch { step, metrics, best }) = known {
        artifact = artifact.metrics(metrics);
        artifact.step = step;
        if best {
            artifact = artifact.alias("best");
        }
    }
    Event::Artifact(artifact)
}

/// The entry of a record whose file is gone.
pub(crate) fn deleted(kind: &str, training: u64, epoch: u64) -> Event {
    Event::ArtifactDeleted { name: name(kind), version: version(training, epoch) }
}

/// A path as an artifact has it: relative to the run's folder if it lies within.
pub(crate) fn artifact_path(run: Option<&Path>, path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut nameless = Artifact::new("", "");
    nameless.path = Some(path.clone());
    let placed = match run {
        Some(run) => nameless.relative_to(run),
        None => nameless,
    };
    placed.path.unwrap_or(path)
}

/// A checkpoint that is there but could not be entered.
pub(crate) fn not_indexed(file: &Path, reason: &str) -> Event {
    Event::Problem(Problem::new(
        "checkpoint-not-indexed",
        format!("the checkpoint {} is not among the run's artifacts: {reason}", file.display()),
        "the training itself is not affected; check the file's permissions and the disk",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_written() {
        for (training, epoch) in [(1, 1), (2, 30), (u64::MAX, u64::MAX)] {
            assert_eq!(training_and_epoch(&version(training, epoch)), Some((training, epoch)));
        }
        assert_eq!(version(1, 3), "epoch-3");
        for other in ["", "epoch-", "training-2", "training-x-epoch-1", "phase-2-epoch-1"] {
            assert_eq!(training_and_epoch(other), None, "{other}");
        }
    }

    #[test]
    fn paths_within_the_run_are_relative_to_it() {
        let run = Some(Path::new("/store/mnist/01A"));
        let within = Path::new("/store/mnist/01A/files/checkpoint");
        let outside = Path::new("/elsewhere/checkpoint");
        assert_eq!(artifact_path(run, within), Path::new("files/checkpoint"));
        assert_eq!(artifact_path(run, outside), outside);
        assert_eq!(artifact_path(None, within), within);
    }
}
