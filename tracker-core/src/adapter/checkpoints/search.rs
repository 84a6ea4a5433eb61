//! Finds the newest checkpoint of a run that is whole.

#![expect(
    clippy::disallowed_methods,
    reason = "`plain` has looked at the folder; no entry of it is followed"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Artifact, Event, RunContext, Step, Timestamp, Tracker,
    adapter::checkpoints::files::{Difference, difference, plain_length},
    adapter::checkpoints::{
        FOLDER,
        format::{CheckpointFormat, Opened},
        header::Header,
        index::{Index, Indexed},
        plain, problem,
        restored::Restored,
        version::{LATEST, Part, Version},
    },
};

/// The newest checkpoint of a run whose files are there and whole.
#[derive(Debug)]
pub struct Found<F> {
    /// What it says of itself.
    pub header: Header,
    /// Where the model is.
    pub path: PathBuf,
    /// The model.
    pub model: F,
    /// Where that is, and what the optimizers remember; `None` if nobody asked or nothing was saved.
    pub optimizer: Option<(PathBuf, F)>,
    version: Version,
    /// Whether the run's index knows of it. It does not if its process was killed right after the
    /// files got their names.
    is_indexed: bool,
    suffix: &'static str,
    folder: PathBuf,
    /// Newer checkpoints that are not whole.
    passed_over: Vec<PassedOver>,
}

/// Why a training cannot go on from a checkpoint.
#[derive(Debug)]
pub enum NotFound {
    /// None was ever saved.
    Never {
        /// The folder that was searched beside the run's index.
        folder: PathBuf,
    },
    /// None is whole.
    Damaged {
        /// What is wrong with each, the newest first.
        checkpoints: Vec<String>,
    },
    /// The run's index cannot be read.
    Index(crate::Error),
}

impl From<crate::Error> for NotFound {
    fn from(error: crate::Error) -> Self {
        Self::Index(error)
    }
}

/// A checkpoint that is not whole.
#[derive(Debug)]
struct PassedOver {
    name: String,
    reason: String,
    path: PathBuf,
}

impl PassedOver {
    /// Takes the file out of the models of its folder, under a name that says why. What a later
    /// resumption finds in the index no longer tells of this file, so that it would be taken for
    /// one that was saved right before a kill. Nothing is deleted, and a file that cannot be
    /// renamed stays.
    /// One in another folder than the training's stays too: where that is, the index alone says.
    fn set_aside(&self, folder: &Path) {
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

/// Finds the newest checkpoint of a resumed run that is whole: of the run's index, and in `folder`,
/// where that is not the usual one. With `with_optimizer`, what the optimizers remember belongs to it. A
/// newer one that is damaged is passed over and counted as a problem. `None` for a run that is new, and
/// for a tracker that stores none.
///
/// Nothing is changed before [`Found::go_on`].
///
/// # Errors
/// If there is none, or the run's index cannot be read.
pub fn find<F: CheckpointFormat>(
    tracker: &dyn Tracker,
    folder: Option<&Path>,
    with_optimizer: bool,
) -> Result<Option<Found<F::File>>, NotFound> {
    let Some(run) = tracker.context().filter(|run| run.is_resumed()) else { return Ok(None) };
    let folder = folder_of(tracker, run, folder);
    let index = Index::read(tracker, run, F::SUFFIX)?;
    let search = Search { run, folder: &folder, index, with_optimizer };
    let found = search.newest::<F>()?;
    for damaged in &found.passed_over {
        tracker.record(Event::Problem(problem::passed_over(&damaged.name, &damaged.reason)));
    }
    Ok(Some(found))
}

/// Where the checkpoints of a run are: in `folder`, or in the usual place.
fn folder_of(tracker: &dyn Tracker, run: &dyn RunContext, folder: Option<&Path>) -> PathBuf {
    let usual = || tracker.directory().unwrap_or(run.directory()).join(FOLDER);
    let folder = folder.map_or_else(usual, Path::to_owned);
    std::path::absolute(&folder).unwrap_or(folder)
}

/// Finds the best checkpoint of a run, as its index has it, in `folder` as [`find`] does; without what the optimizers remember. `None`
/// if none is the best, and for a tracker that stores no run.
///
/// # Errors
/// If its file is not as it was saved, or the run's index cannot be read.
pub fn find_best<F: CheckpointFormat>(
    tracker: &dyn Tracker,
    folder: Option<&Path>,
) -> Result<Option<Found<F::File>>, NotFound> {
    let Some(run) = tracker.context() else { return Ok(None) };
    let folder = folder_of(tracker, run, folder);
    let index = Index::read(tracker, run, F::SUFFIX)?;
    let best = index.best();
    let search = Search { run, folder: &folder, index, with_optimizer: false };
    let Some(model) = search.index.models().find(|model| Some(model.version) == best) else {
        return Ok(None);
    };
    let candidate = search.indexed::<F>(model);
    let damaged = |reason: String| {
        let path = candidate.path.display();
        NotFound::Damaged { checkpoints: vec![format!("{} ({path}): {reason}", candidate.version)] }
    };
    search.open::<F>(&candidate).map(Some).map_err(damaged)
}

impl<F> Found<F> {
    /// What it knows, where nothing goes on from it.
    pub fn into_restored(self) -> Restored {
        Restored::new(self.header.state, false, self.path)
    }

    /// Takes back what the run has beyond the checkpoint, whose weights the training has now. With
    /// `optimizer_state`, its optimizers go on with what they remembered.
    ///
    /// # Errors
    /// If the run's folder cannot be listed or written.
    pub fn go_on(self, tracker: &dyn Tracker, optimizer_state: bool) -> crate::Result<Restored> {
        if let Some(run) = tracker.context() {
            if !self.is_indexed {
                self.enter(tracker, run);
            }
            run.resume_after(Step(self.header.state.step))?;
        }
        for file in &self.passed_over {
            file.set_aside(&self.folder);
        }
        Ok(Restored::new(self.header.state, optimizer_state, self.path))
    }

    /// Says that the checkpoint has nothing of what the optimizers remember.
    pub fn tell_no_optimizer(&self, tracker: &dyn Tracker) {
        tracker.record(Event::Problem(problem::no_optimizer_state(self.version)));
    }

    /// Enters a checkpoint in the index whose process was killed before it could.
    fn enter(&self, tracker: &dyn Tracker, run: &dyn RunContext) {
        let parts = Part::ALL.into_iter();
        for part in parts.filter(|part| *part == Part::Model || self.header.has_optimizer) {
            let path = self.path.with_file_name(part.file(self.version, self.suffix));
            // Without its hash, it is found by its own header again.
            let Ok(artifact) = Artifact::of_file(part.artifact(), self.version.to_string(), path)
            else {
                continue;
            };
            let artifact = self.header.state.describe(artifact.kind(part.kind())).alias(LATEST);
            let artifact = artifact.relative_to(run.path());
            tracker.record(Event::Artifact(artifact));
        }
    }
}

struct Search<'a> {
    run: &'a dyn RunContext,
    folder: &'a Path,
    index: Index,
    with_optimizer: bool,
}

impl Search<'_> {
    fn newest<F: CheckpointFormat>(&self) -> Result<Found<F::File>, NotFound> {
        let mut passed_over = Vec::new();
        for candidate in self.candidates::<F>() {
            match self.open::<F>(&candidate) {
                Ok(found) => return Ok(Found { passed_over, ..found }),
                Err(reason) => {
                    let Candidate { version, path, .. } = candidate;
                    let name = format!("{version} ({})", path.display());
                    passed_over.push(PassedOver { name, reason, path });
                }
            }
        }
        if passed_over.is_empty() {
            return Err(match self.check_folder(self.folder) {
                Ok(()) => NotFound::Never { folder: self.folder.to_owned() },
                Err(reason) => NotFound::Damaged { checkpoints: vec![reason] },
            });
        }
        let tell = |PassedOver { name, reason, .. }: PassedOver| format!("{name}: {reason}");
        Err(NotFound::Damaged { checkpoints: passed_over.into_iter().map(tell).collect() })
    }

    /// All that may be checkpoints of the run, the newest first.
    fn candidates<F: CheckpointFormat>(&self) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> =
            self.index.models().map(|known| self.indexed::<F>(known)).collect();
        let models = self.check_folder(self.folder).map(|()| models_in(self.folder, F::SUFFIX));
        for (version, path) in models.unwrap_or_default() {
            let Some(header) = self.own_header::<F>(&path) else { continue };
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

    fn indexed<F: CheckpointFormat>(&self, known: &Indexed) -> Candidate {
        Candidate {
            version: known.version,
            path: self.present(known, F::SUFFIX),
            step: known.entry.step.map_or(0, |step| step.0),
            time: known.time,
            entry: Some(known.entry.clone()),
        }
    }

    /// Where a file is: as the index says, or, if it was moved, in the folder.
    fn present(&self, known: &Indexed, suffix: &str) -> PathBuf {
        let moved = self.folder.join(known.part.file(known.version, suffix));
        if !known.path.exists() && moved.exists() { moved } else { known.path.clone() }
    }

    /// The header of a model that this run has saved.
    fn own_header<F: CheckpointFormat>(&self, path: &Path) -> Option<Header> {
        let opened = F::open(path, Part::Model).ok()?;
        let header = Header::from_strings(&opened.strings).ok()?;
        (header.run.as_deref() == Some(&*self.run.id().to_string())).then_some(header)
    }

    fn open<F: CheckpointFormat>(&self, candidate: &Candidate) -> Result<Found<F::File>, String> {
        self.check_folder(candidate.path.parent().unwrap_or(&candidate.path))?;
        check_content(&candidate.path, candidate.entry.as_ref())?;
        let (model, header) = open::<F>(&candidate.path, Part::Model)?;
        let optimizer = if self.with_optimizer && header.has_optimizer {
            Some(self.open_optimizer::<F>(candidate, &header)?)
        } else {
            None
        };
        Ok(Found {
            header,
            path: candidate.path.clone(),
            model,
            optimizer,
            version: candidate.version,
            is_indexed: candidate.entry.is_some(),
            suffix: F::SUFFIX,
            folder: self.folder.to_owned(),
            passed_over: Vec::new(),
        })
    }

    /// Within the run's folder, no link leads to a folder of checkpoints.
    fn check_folder(&self, folder: &Path) -> Result<(), String> {
        let checked = plain::check_folders(Some(&plain::absolute(self.run)), folder);
        checked.map_err(|error| error.to_string())
    }

    fn open_optimizer<F: CheckpointFormat>(
        &self,
        candidate: &Candidate,
        of_model: &Header,
    ) -> Result<(PathBuf, F::File), String> {
        let name = Part::Optimizer.file(candidate.version, F::SUFFIX);
        let path = candidate.path.with_file_name(&name);
        let tell = |reason: String| format!("{name}: {reason}");
        let entry = candidate.entry.as_ref().and(self.index.optimizer(candidate.version));
        check_content(&path, entry.map(|known| &known.entry)).map_err(tell)?;
        let (file, header) = open::<F>(&path, Part::Optimizer).map_err(tell)?;
        if header.saved_at != of_model.saved_at {
            return Err(tell("it was saved with other weights".to_owned()));
        }
        Ok((path, file))
    }
}

fn open<F: CheckpointFormat>(path: &Path, part: Part) -> Result<(F::File, Header), String> {
    let Opened { file, strings } = F::open(path, part)?;
    let header = Header::from_strings(&strings).map_err(|error| error.to_string())?;
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
fn models_in(folder: &Path, suffix: &str) -> Vec<(Version, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let model = |entry: fs::DirEntry| match Part::of_file(entry.file_name().to_str()?, suffix) {
        Some((Part::Model, version)) => Some((version, entry.path())),
        _ => None,
    };
    entries.flatten().filter_map(model).collect()
}
