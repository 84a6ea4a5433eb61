//! Finds the newest checkpoint of a run that is whole.

#![expect(
    clippy::disallowed_methods,
    reason = "`plain` has looked at the folder; no entry of it is followed"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use tracker_core::{
    Artifact, RunContext, Timestamp, Tracker,
    adapter::checkpoint_files::{Difference, difference, plain_length},
};

use super::{
    RestoreError,
    header::Header,
    index::{Index, Indexed},
    plain,
    tensor_file::TensorFile,
    version::{Part, Version},
};

/// A checkpoint whose files are there and whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) version: Version,
    pub(crate) header: Header,
    pub(crate) path: PathBuf,
    pub(crate) model: TensorFile,
    /// Where that is, and what the optimizers remember; `None` if nobody asked or nothing was saved.
    pub(crate) optimizer: Option<(PathBuf, TensorFile)>,
    /// Whether the run's index knows of it. It does not if its process was killed right after the
    /// files got their names.
    pub(crate) is_indexed: bool,
}

/// What a search came to.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) whole: Whole,
    /// Newer checkpoints that are not whole.
    pub(crate) passed_over: Vec<PassedOver>,
}

/// A checkpoint that is not whole.
#[derive(Debug)]
pub(crate) struct PassedOver {
    pub(crate) name: String,
    pub(crate) reason: String,
    path: PathBuf,
}

impl PassedOver {
    /// Takes the file out of the models of its folder, under a name that says why. What a later
    /// resumption finds in the index no longer tells of this file, so that it would be taken for
    /// one that was saved right before a kill. Nothing is deleted, and a file that cannot be
    /// renamed stays.
    /// One in another folder than the training's stays too: where that is, the index alone says.
    pub(crate) fn set_aside(&self, folder: &Path) {
        if self.path.parent() != Some(folder) {
            return;
        }
        let mut damaged = self.path.clone().into_os_string();
        damaged.push(".damaged");
        let _ = fs::rename(&self.path, damaged);
    }
}

/// A checkpoint that may be whole.
#[derive(Debug)]
struct Candidate {
    version: Version,
    path: PathBuf,
    step: u64,
    time: Timestamp,
    /// What the index says of the model; `None` if it does not know of the file.
    entry: Option<Artifact>,
}

/// Finds the newest checkpoint of the run that is whole: of the run's index, and in `folder`. With
/// `with_optimizer`, what the optimizers remember belongs to it.
pub(crate) fn newest_whole(
    tracker: &dyn Tracker,
    run: &dyn RunContext,
    folder: &Path,
    with_optimizer: bool,
) -> Result<Found, RestoreError> {
    let index = Index::read(tracker, run)?;
    let search = Search { run, folder, index, with_optimizer };
    search.newest()
}

struct Search<'a> {
    run: &'a dyn RunContext,
    folder: &'a Path,
    index: Index,
    with_optimizer: bool,
}

impl Search<'_> {
    fn newest(&self) -> Result<Found, RestoreError> {
        let mut passed_over = Vec::new();
        for candidate in self.candidates() {
            match self.open(&candidate) {
                Ok(whole) => return Ok(Found { whole, passed_over }),
                Err(reason) => {
                    let Candidate { version, path, .. } = candidate;
                    let name = format!("{version} ({})", path.display());
                    passed_over.push(PassedOver { name, reason, path });
                }
            }
        }
        if passed_over.is_empty() {
            return Err(match self.check_folder(self.folder) {
                Ok(()) => RestoreError::NoCheckpoint { folder: self.folder.to_owned() },
                Err(reason) => RestoreError::Damaged { checkpoints: vec![reason] },
            });
        }
        let tell = |PassedOver { name, reason, .. }: PassedOver| format!("{name}: {reason}");
        Err(RestoreError::Damaged { checkpoints: passed_over.into_iter().map(tell).collect() })
    }

    /// All that may be checkpoints of the run, the newest first.
    fn candidates(&self) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> =
            self.index.models().map(|known| self.indexed(known)).collect();
        let models = self.check_folder(self.folder).map(|()| models_in(self.folder));
        for (version, path) in models.unwrap_or_default() {
            let Some(header) = self.own_header(&path) else { continue };
            let known = candidates.iter().position(|candidate| candidate.path == path);
            if let Some(position) = known {
                if candidates.get(position).is_some_and(|known| known.time >= header.saved_at) {
                    continue;
                }
                // It has replaced the file that the index knows of.
                candidates.remove(position);
            }
            let (step, time) = (header.state.step, header.saved_at);
            candidates.push(Candidate { version, path, step, time, entry: None });
        }
        candidates.sort_by_key(|candidate| std::cmp::Reverse((candidate.step, candidate.time)));
        candidates
    }

    fn indexed(&self, known: &Indexed) -> Candidate {
        Candidate {
            version: known.version,
            path: self.present(known),
            step: known.entry.step.map_or(0, |step| step.0),
            time: known.time,
            entry: Some(known.entry.clone()),
        }
    }

    /// Where a file is: as the index says, or, if it was moved, in the folder.
    fn present(&self, known: &Indexed) -> PathBuf {
        let moved = self.folder.join(known.part.file(known.version));
        if !known.path.exists() && moved.exists() { moved } else { known.path.clone() }
    }

    /// The header of a model that this run has saved.
    fn own_header(&self, path: &Path) -> Option<Header> {
        let file = TensorFile::open(path).ok()?;
        let header = Header::from_strings(&file.strings()).ok()?;
        (header.run.as_deref() == Some(&*self.run.id().to_string())).then_some(header)
    }

    fn open(&self, candidate: &Candidate) -> Result<Whole, String> {
        self.check_folder(candidate.path.parent().unwrap_or(&candidate.path))?;
        check_content(&candidate.path, candidate.entry.as_ref())?;
        let (model, header) = open(&candidate.path)?;
        let optimizer = if self.with_optimizer && header.has_optimizer {
            Some(self.open_optimizer(candidate, &header)?)
        } else {
            None
        };
        Ok(Whole {
            version: candidate.version,
            header,
            path: candidate.path.clone(),
            model,
            optimizer,
            is_indexed: candidate.entry.is_some(),
        })
    }

    /// Within the run's folder, no link leads to a folder of checkpoints.
    fn check_folder(&self, folder: &Path) -> Result<(), String> {
        let checked = plain::check_folders(Some(&plain::absolute(self.run)), folder);
        checked.map_err(|error| error.to_string())
    }

    fn open_optimizer(
        &self,
        candidate: &Candidate,
        of_model: &Header,
    ) -> Result<(PathBuf, TensorFile), String> {
        let path = candidate.path.with_file_name(Part::Optimizer.file(candidate.version));
        let tell =
            |reason: String| format!("{}: {reason}", Part::Optimizer.file(candidate.version));
        let entry = candidate.entry.as_ref().and(self.index.optimizer(candidate.version));
        check_content(&path, entry.map(|known| &known.entry)).map_err(tell)?;
        let (file, header) = open(&path).map_err(tell)?;
        if header.saved_at != of_model.saved_at {
            return Err(tell("it was saved with other weights".to_owned()));
        }
        Ok((path, file))
    }
}

fn open(path: &Path) -> Result<(TensorFile, Header), String> {
    let file = TensorFile::open(path).map_err(|error| error.to_string())?;
    let header = Header::from_strings(&file.strings()).map_err(|error| error.to_string())?;
    Ok((file, header))
}

/// Whether a file has the size and the hash that the index knows of it. The reason is for people,
/// who read it in a problem or an error.
fn check_content(path: &Path, entry: Option<&Artifact>) -> Result<(), String> {
    let length = plain_length(path).map_err(|error| error.to_string())?;
    let Some(entry) = entry else { return Ok(()) };
    match difference(path, length, entry).map_err(|error| error.to_string())? {
        None => Ok(()),
        Some(Difference::Size { saved, found }) => {
            Err(format!("it has {found} bytes, where {saved} were saved"))
        }
        Some(Difference::Content) => Err("it has other bytes than were saved".to_owned()),
    }
}

/// The files in a folder that are named as models; none if it cannot be listed.
fn models_in(folder: &Path) -> Vec<(Version, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let model = |entry: fs::DirEntry| match Part::of_file(entry.file_name().to_str()?) {
        Some((Part::Model, version)) => Some((version, entry.path())),
        _ => None,
    };
    entries.flatten().filter_map(model).collect()
}
