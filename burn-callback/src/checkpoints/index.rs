//! What the run's index already knows of checkpoints.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, SystemTime},
};

use tracker_core::{Artifact, read::RunReader};

use super::{entry, part::Part};

/// The index as it stands on the disk.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: BTreeMap<(String, String), Artifact>,
    /// When the run was first started; what is older is not the run's.
    pub(crate) since: Option<SystemTime>,
}

impl Index {
    /// Reads the index of the run in `folder`.
    ///
    /// # Errors
    /// If the run or its events cannot be read.
    pub(crate) fn read(folder: &Path) -> tracker_core::Result<Self> {
        let run = RunReader::open(folder)?;
        let standing = run.artifacts()?.into_iter().filter(|version| !version.deleted);
        let mut index: Self = standing.map(|version| version.artifact).collect();
        let micros = u64::try_from(run.info().started_at.0).unwrap_or(0);
        index.since = Some(SystemTime::UNIX_EPOCH + Duration::from_micros(micros));
        Ok(index)
    }

    /// The entry of a record of Burn's default checkpointers, if it is the one of that file.
    pub(crate) fn of(&self, part: Part, epoch: u64, path: &Path) -> Option<&Artifact> {
        let own = self.checkpoints().find(|checkpoint| {
            (checkpoint.part, checkpoint.epoch) == (part, epoch)
                && checkpoint.artifact.path.as_deref() == Some(path)
        });
        own.map(|checkpoint| checkpoint.artifact)
    }

    /// All records of Burn's default checkpointers that have an entry, wherever their files are.
    pub(crate) fn records(&self) -> impl Iterator<Item = (u64, Part)> + '_ {
        self.checkpoints().map(|checkpoint| (checkpoint.epoch, checkpoint.part))
    }

    /// Which of the run's trainings saves in `folder`, from 1: the one that has saved there before, or
    /// else the next.
    pub(crate) fn training_in(&self, folder: &Path) -> u64 {
        let is_there =
            |artifact: &Artifact| artifact.path.as_deref().and_then(Path::parent) == Some(folder);
        let there = self.checkpoints().filter(|checkpoint| is_there(checkpoint.artifact));
        let last = self.checkpoints().map(|checkpoint| checkpoint.training).max();
        let own = there.map(|checkpoint| checkpoint.training).max();
        own.unwrap_or_else(|| last.map_or(1, |last| last.saturating_add(1)))
    }

    /// The loss of the run's best checkpoint, as Burn has it; infinity if it was chosen by something else.
    /// `None` without a best one.
    pub(crate) fn best_loss(&self) -> Option<f64> {
        let is_best = |artifact: &Artifact| artifact.aliases.iter().any(|alias| alias == "best");
        let mut models = self.checkpoints().filter(|checkpoint| checkpoint.part == Part::Model);
        let best = models.find(|checkpoint| is_best(checkpoint.artifact))?;
        let value = |name: &str| {
            let mut metrics = best.artifact.metrics.iter();
            metrics.find(|(metric, _)| metric.ends_with(name)).map(|(_, value)| *value)
        };
        value("burn/valid/Loss").or_else(|| value("valid/loss")).or(Some(f64::INFINITY))
    }

    fn checkpoints(&self) -> impl Iterator<Item = Checkpoint<'_>> {
        self.entries.iter().filter_map(|((name, version), artifact)| {
            let part = Part::ALL.into_iter().find(|part| entry::name(part.kind()) == *name)?;
            let (training, epoch) = entry::training_and_epoch(version)?;
            Some(Checkpoint { training, epoch, part, artifact })
        })
    }
}

/// A record of one of Burn's default checkpointers.
struct Checkpoint<'a> {
    training: u64,
    epoch: u64,
    part: Part,
    artifact: &'a Artifact,
}

impl FromIterator<Artifact> for Index {
    fn from_iter<T: IntoIterator<Item = Artifact>>(artifacts: T) -> Self {
        let entry = |artifact: Artifact| {
            let key = (artifact.name.clone(), artifact.version.clone());
            (key, artifact)
        };
        Self { entries: artifacts.into_iter().map(entry).collect(), since: None }
    }
}
