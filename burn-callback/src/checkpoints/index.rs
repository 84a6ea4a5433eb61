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
        let key = (entry::name(part.kind()), entry::version(epoch));
        self.entries.get(&key).filter(|artifact| artifact.path.as_deref() == Some(path))
    }

    /// All records of Burn's default checkpointers that have an entry, wherever their files are.
    pub(crate) fn records(&self) -> impl Iterator<Item = (u64, Part)> + '_ {
        self.entries.keys().filter_map(|(name, version)| {
            let part = Part::ALL.into_iter().find(|part| entry::name(part.kind()) == *name)?;
            Some((version.strip_prefix("epoch-")?.parse().ok()?, part))
        })
    }
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
