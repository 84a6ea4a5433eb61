//! The thread's work: writes checkpoints, enters them in the run's index, deletes what is not kept.

#![expect(
    clippy::disallowed_methods,
    reason = "`plain` has looked at the folder; no entry of it is followed"
)]

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tracker_core::{Artifact, Event, Problem, Tracker};

use super::{
    desk::Desk,
    header::Header,
    index::Index,
    options::{BestBy, CheckpointOptions},
    pair, plain, problem,
    shelf::{Shelf, Standing},
    snapshot::Snapshot,
    version::{Part, Version},
};

/// The alias of the newest checkpoint.
const LATEST: &str = "latest";
/// The alias of the best checkpoint.
pub(crate) const BEST: &str = "best";

/// Writes the checkpoints of one training, in their order.
#[derive(Debug)]
pub(crate) struct Clerk {
    tracker: Arc<dyn Tracker>,
    desk: Arc<Desk>,
    folder: PathBuf,
    options: CheckpointOptions,
    /// The last step of an earlier training of the run that this one goes on after.
    after: Option<u64>,
    /// `None` before the first checkpoint.
    shelf: Option<Shelf>,
    /// The version that the index calls the best.
    told_best: Option<Version>,
    /// Whether the folder is there, without what an earlier process left unfinished.
    prepared: bool,
}

impl Clerk {
    pub(crate) fn new(
        tracker: Arc<dyn Tracker>,
        desk: Arc<Desk>,
        folder: PathBuf,
        options: CheckpointOptions,
        after: Option<u64>,
    ) -> Self {
        let (shelf, told_best, prepared) = (None, None, false);
        Self { tracker, desk, folder, options, after, shelf, told_best, prepared }
    }

    /// Writes what comes to the desk until nothing more will.
    pub(crate) fn work(self) {
        let leaving = Leaving(Arc::clone(&self.desk));
        // Lets the run go before it says that it has left.
        let mut clerk = self;
        while let Some(snapshot) = leaving.0.take() {
            clerk.keep(&snapshot);
            drop(snapshot);
            leaving.0.done();
        }
    }

    fn keep(&mut self, snapshot: &Snapshot) {
        let mut shelf = self.shelf.take().unwrap_or_else(|| self.open_shelf());
        self.keep_on(&mut shelf, snapshot);
        self.shelf = Some(shelf);
    }

    fn keep_on(&mut self, shelf: &mut Shelf, snapshot: &Snapshot) {
        let mut newcomer = newcomer(snapshot);
        self.check_metric(&newcomer, snapshot.moment.epoch.is_some());
        if !shelf.wants(&newcomer) {
            return;
        }
        let version = newcomer.version;
        let written = match self.write(version, snapshot) {
            Ok(written) => written,
            Err(error) => {
                return self.problem(problem::not_written(version, &self.folder, &error));
            }
        };
        let is_best = shelf.would_be_best(&newcomer);
        for (part, artifact) in written {
            newcomer.files.push((part, self.folder.join(part.file(version))));
            let artifact = self.entry(artifact, snapshot, is_best);
            if part == Part::Model {
                newcomer.entry = artifact.clone();
            }
            self.tracker.record(Event::Artifact(artifact));
        }
        shelf.put(newcomer);
        if is_best {
            self.told_best = Some(version);
        }
        for surplus in shelf.surplus() {
            if self.delete(&surplus) {
                shelf.remove(surplus.version);
            }
        }
        self.tell_best(shelf);
    }

    /// What stands of earlier attempts and trainings of the run, up to the step that this one goes
    /// on after.
    fn open_shelf(&mut self) -> Shelf {
        let index = match (self.tracker.context(), self.after) {
            (Some(run), Some(after)) => {
                Index::read(&*self.tracker, run).map(|index| index.up_to(after))
            }
            _ => Ok(Index::default()),
        };
        let index = index.unwrap_or_else(|error| {
            self.problem(problem::index_not_read(&error));
            Index::default()
        });
        self.told_best = index.best();
        let best = self.options.best_by().clone();
        Shelf::new(self.options.keep(), best, index.into_standing())
    }

    fn write(
        &mut self,
        version: Version,
        snapshot: &Snapshot,
    ) -> candle_core::Result<Vec<(Part, Artifact)>> {
        let run = plain::run_folder(&*self.tracker);
        plain::check_folders(run.as_deref(), &self.folder)?;
        if !self.prepared || !self.folder.is_dir() {
            pair::prepare(run.as_deref(), &self.folder)?;
            self.prepared = true;
        }
        let has_optimizer = !snapshot.optimizer.is_empty();
        let header = Header::new(self.tracker.context(), snapshot.moment.clone(), has_optimizer);
        pair::write(&self.folder, version, snapshot, &header, &self.desk.progress)
    }

    /// The entry of a file, with all that is known of the moment.
    fn entry(&self, artifact: Artifact, snapshot: &Snapshot, is_best: bool) -> Artifact {
        let moment = &snapshot.moment;
        let mut artifact = artifact.step(moment.step).metrics(moment.metrics.clone()).alias(LATEST);
        artifact.epoch = moment.epoch;
        if is_best {
            artifact = artifact.alias(BEST);
        }
        match self.tracker.context() {
            Some(run) => artifact.relative_to(run.path()),
            None => artifact,
        }
    }

    /// Deletes the files of a checkpoint, the model's first: without it, there is no checkpoint.
    /// Returns whether they are gone. Files in another folder stay, and are no longer looked after:
    /// where they are, the index alone says, which may be somebody else's.
    fn delete(&self, surplus: &Standing) -> bool {
        let is_here = |path: &Path| path.parent() == Some(&*self.folder);
        for (part, path) in surplus.files.iter().rev().filter(|(_, path)| is_here(path)) {
            if let Err(error) = delete(path) {
                self.problem(problem::not_deleted(path, &error));
                return false;
            }
            let (name, version) = (part.artifact(), surplus.version.to_string());
            self.tracker.record(Event::ArtifactDeleted { name, version });
        }
        true
    }

    /// Where the best checkpoint is one that was saved before, says so: the one that was called
    /// the best was replaced, or a resumed training has taken it back.
    fn tell_best(&mut self, shelf: &Shelf) {
        let Some(best) = shelf.best() else { return };
        if self.told_best == Some(best.version) {
            return;
        }
        self.told_best = Some(best.version);
        let mut entry = best.entry.clone();
        entry.aliases = vec![BEST.to_owned()];
        self.tracker.record(Event::Artifact(entry));
    }

    /// A metric that the user named should be there, at least after epochs.
    fn check_metric(&self, newcomer: &Standing, after_epoch: bool) {
        if let BestBy::Metric(metric, _) = self.options.best_by()
            && after_epoch
            && !newcomer.metrics.contains_key(metric)
        {
            let known: Vec<&str> = newcomer.metrics.keys().map(String::as_str).collect();
            let known = known.join(", ");
            self.problem(problem::metric_missing(metric, newcomer.version, &known));
        }
    }

    fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }
}

/// A checkpoint that is not written yet.
fn newcomer(snapshot: &Snapshot) -> Standing {
    let version = Version::of(&snapshot.moment);
    Standing {
        version,
        step: snapshot.moment.step,
        metrics: snapshot.moment.metrics.clone(),
        files: Vec::new(),
        entry: Artifact::new(Part::Model.artifact(), version.to_string()),
    }
}

/// A file that is not there is as good as deleted.
fn delete(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Says that the thread has ended, by a panic too.
struct Leaving(Arc<Desk>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.leave();
    }
}
