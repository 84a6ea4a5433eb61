//! What the run's index knows of checkpoints.

use std::{path::PathBuf, time::Duration};

use crate::{
    Artifact, Result, RunContext, Timestamp, Tracker,
    adapter::checkpoints::{
        plain,
        retention::Standing,
        version::{BEST, Part, Version},
    },
    read::RunReader,
};

/// How long what was just recorded may take to be on the disk.
const FLUSHED: Duration = Duration::from_secs(5);

/// The checkpoints that stand, as the run's index has them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: Vec<Indexed>,
    best: Option<Version>,
}

/// A file of a checkpoint.
#[derive(Debug, Clone)]
pub(crate) struct Indexed {
    pub(crate) part: Part,
    pub(crate) version: Version,
    pub(crate) entry: Artifact,
    /// Where the file is.
    pub(crate) path: PathBuf,
    /// When it was entered.
    pub(crate) time: Timestamp,
}

impl Index {
    /// Reads the run's index. What is not named as this crate names checkpoints is another's.
    ///
    /// # Errors
    /// If the run cannot be read.
    pub(crate) fn read(tracker: &dyn Tracker, run: &dyn RunContext, suffix: &str) -> Result<Self> {
        // What is late is found by its file.
        let _ = tracker.flush(FLUSHED);
        let (mut index, folder) = (Self::default(), plain::absolute(run));
        for known in
            RunReader::of_context(run)?.artifacts()?.into_iter().filter(|known| !known.deleted)
        {
            let entry = known.artifact;
            let Some(part) = Part::ALL.into_iter().find(|part| part.artifact() == entry.name)
            else {
                continue;
            };
            let (Ok(version), Some(path)) = (entry.version.parse(), &entry.path) else { continue };
            if path.file_name().is_none_or(|name| *name != *part.file(version, suffix)) {
                continue;
            }
            if part == Part::Model && entry.aliases.iter().any(|alias| alias == BEST) {
                index.best = Some(version);
            }
            let path = folder.join(path);
            index.entries.push(Indexed { part, version, entry, path, time: known.time });
        }
        Ok(index)
    }

    /// Without what was saved after `step`.
    pub(crate) fn up_to(mut self, step: u64) -> Self {
        self.entries.retain(|known| known.entry.step.is_some_and(|of| of.0 <= step));
        self
    }

    /// The version that has the alias `best`.
    pub(crate) fn best(&self) -> Option<Version> {
        self.best
    }

    /// The models, the one that was entered last at the end.
    pub(crate) fn models(&self) -> impl Iterator<Item = &Indexed> {
        self.entries.iter().filter(|known| known.part == Part::Model)
    }

    /// The entry of what the optimizers remember, of a version.
    pub(crate) fn optimizer(&self, version: Version) -> Option<&Indexed> {
        let of_version = |known: &&Indexed| known.version == version;
        self.entries.iter().filter(|known| known.part == Part::Optimizer).find(of_version)
    }

    /// The checkpoints in the order of their steps.
    pub(crate) fn into_standing(self) -> Vec<Standing> {
        let mut standing: Vec<Standing> = self.models().map(|model| self.standing(model)).collect();
        standing.sort_by_key(|known| known.step);
        standing
    }

    fn standing(&self, model: &Indexed) -> Standing {
        let optimizer = self.optimizer(model.version);
        Standing {
            version: model.version,
            step: model.entry.step.map_or(0, |step| step.0),
            metrics: model.entry.metrics.clone(),
            files: optimizer
                .into_iter()
                .chain([model])
                .map(|known| (known.part, known.path.clone()))
                .collect(),
            entry: model.entry.clone(),
        }
    }
}
