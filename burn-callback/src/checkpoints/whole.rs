//! Finds the checkpoint from which a training can go on.

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tracker_core::{
    Artifact, Run, Step, Tracker,
    adapter::checkpoints::files::{Difference, difference, plain_length},
};

use super::{
    DamagedFile, FOLDER, Flaw, IncompleteCheckpoint, ResumeError, checkpoint_folder, entry,
    index::Index, part::Part, plain,
};

/// How long what the run has just recorded may take to be on the disk.
const FLUSHED: Duration = Duration::from_secs(1);

/// A checkpoint whose three files are there and whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WholeCheckpoint {
    /// The epoch after which it was saved, from 1: what `SupervisedTraining::checkpoint` takes.
    pub epoch: usize,
    /// The optimizer step after which it was saved; `None` if the run does not know.
    pub step: Option<Step>,
    /// Newer checkpoints that are not whole, the newest first.
    pub passed_over: Vec<IncompleteCheckpoint>,
}

/// Finds the newest checkpoint of Burn's default checkpointers that is whole. `directory` is what
/// `SupervisedTraining::new` gets, most often `run.dir()`.
///
/// A file is whole if it has the size and the hash that the run knows of it. Where the run knows
/// none, because it was killed too early, Burn must be able to load it, and no byte of it may be
/// missing.
///
/// # Errors
/// If there is no whole checkpoint, with what is wrong with each; if the run or its folder cannot
/// be read; or if a link in the run's folder leads elsewhere.
pub fn newest_whole(
    run: &Run,
    directory: impl AsRef<Path>,
) -> Result<WholeCheckpoint, ResumeError> {
    if !run.enabled() {
        return Err(ResumeError::NotStored { run: run.name().to_owned() });
    }
    plain::check(run.path(), directory.as_ref())?;
    // What is late is checked as what the run does not know.
    let _ = run.flush(FLUSHED);
    let index = Index::read(run.path()).map_err(|source| ResumeError::Store { source })?;
    let folder = directory.as_ref().join(FOLDER);
    Search { artifact_folder: entry::artifact_path(Some(run.path()), &folder), folder, index }
        .newest()
}

struct Search {
    folder: PathBuf,
    /// The folder as artifacts have it.
    artifact_folder: PathBuf,
    index: Index,
}

impl Search {
    fn newest(self) -> Result<WholeCheckpoint, ResumeError> {
        let mut passed_over = Vec::new();
        for epoch in self.epochs()?.into_iter().rev() {
            let files = self.damage(epoch);
            let Ok(number) = usize::try_from(epoch) else { continue };
            if files.is_empty() {
                let step = self.entry(Part::Model, epoch).and_then(|artifact| artifact.step);
                return Ok(WholeCheckpoint { epoch: number, step, passed_over });
            }
            passed_over.push(IncompleteCheckpoint { epoch: number, files });
        }
        let folder = self.folder;
        Err(if passed_over.is_empty() {
            ResumeError::NoCheckpoint { folder }
        } else if passed_over.iter().all(IncompleteCheckpoint::is_gone) {
            let epochs = passed_over.iter().map(|checkpoint| checkpoint.epoch).collect();
            ResumeError::Emptied { folder, epochs }
        } else {
            ResumeError::Incomplete { folder, checkpoints: passed_over }
        })
    }

    /// The epochs of which there is a file, or should be one.
    fn epochs(&self) -> Result<BTreeSet<u64>, ResumeError> {
        let found = checkpoint_folder::list(&self.folder)
            .map_err(|source| ResumeError::io("list", &self.folder, source))?;
        let known =
            self.index.records().filter(|(epoch, part)| self.entry(*part, *epoch).is_some());
        Ok(found.into_keys().chain(known).map(|(epoch, _)| epoch).collect())
    }

    fn damage(&self, epoch: u64) -> Vec<DamagedFile> {
        let damage = |part: Part| {
            let path = part.file(&self.folder, epoch);
            let flaw = flaw(part, &path, self.entry(part, epoch))?;
            Some(DamagedFile { path, flaw })
        };
        Part::ALL.into_iter().filter_map(damage).collect()
    }

    fn entry(&self, part: Part, epoch: u64) -> Option<&Artifact> {
        self.index.of(part, epoch, &part.file(&self.artifact_folder, epoch))
    }
}

/// What is wrong with a file; `None` if it is whole.
fn flaw(part: Part, path: &Path, known: Option<&Artifact>) -> Option<Flaw> {
    let length = match plain_length(path) {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(Flaw::Missing),
        Err(error) => return Some(Flaw::Unreadable(error.to_string())),
    };
    let Some(known) = known.filter(|known| known.bytes.is_some() && known.sha256.is_some()) else {
        return part.check(path).err().map(Flaw::NotLoadable);
    };
    match difference(path, length, known) {
        Ok(None) => None,
        Ok(Some(Difference::Size { saved, found })) => Some(Flaw::Size { saved, found }),
        Ok(Some(Difference::Content)) => Some(Flaw::Content),
        Err(error) => Some(Flaw::Unreadable(error.to_string())),
    }
}
