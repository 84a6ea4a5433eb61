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

use crate::{
    Artifact, Event, Problem, Tracker,
    adapter::checkpoints::{
        atomic_write,
        format::CheckpointFormat,
        handoff::Handoff,
        header::Header,
        index::Index,
        keeper::Kept,
        options::{BestBy, CheckpointOptions},
        plain, problem,
        retention::{Retention, Standing},
        training_state::TrainingState,
        version::{BEST, LATEST, Part, Version},
    },
};

/// Writes the checkpoints of one training, in their order.
#[derive(Debug)]
pub(crate) struct WriterThread<F: CheckpointFormat> {
    tracker: Arc<dyn Tracker>,
    handoff: Arc<Handoff<Kept<F>>>,
    folder: PathBuf,
    options: CheckpointOptions,
    /// The last step of an earlier training of the run that this one goes on after.
    after: Option<u64>,
    /// `None` before the first checkpoint.
    retention: Option<Retention>,
    /// The version that the index calls the best.
    told_best: Option<Version>,
    /// Whether the folder is there, without what an earlier process left unfinished.
    prepared: bool,
}

impl<F: CheckpointFormat> WriterThread<F> {
    pub(crate) fn new(
        tracker: Arc<dyn Tracker>,
        handoff: Arc<Handoff<Kept<F>>>,
        folder: PathBuf,
        options: CheckpointOptions,
        after: Option<u64>,
    ) -> Self {
        let (retention, told_best, prepared) = (None, None, false);
        Self { tracker, handoff, folder, options, after, retention, told_best, prepared }
    }

    /// Writes what is handed over until nothing more will.
    pub(crate) fn work(self) {
        let leaving = Leaving(Arc::clone(&self.handoff));
        // Lets the run go before it says that it has left.
        let mut writer = self;
        while let Some(kept) = leaving.0.take() {
            writer.keep(&kept);
            drop(kept);
            leaving.0.done();
        }
    }

    fn keep(&mut self, kept: &Kept<F>) {
        let mut retention = self.retention.take().unwrap_or_else(|| self.open_retention());
        self.keep_on(&mut retention, kept);
        self.retention = Some(retention);
    }

    fn keep_on(&mut self, retention: &mut Retention, kept: &Kept<F>) {
        let mut newcomer = newcomer(&kept.state);
        self.check_metric(&newcomer, kept.state.epoch.is_some());
        if !retention.wants(&newcomer) {
            return;
        }
        let version = newcomer.version;
        let written = match self.write(version, kept) {
            Ok(written) => written,
            Err(error) => {
                return self.problem(problem::not_written(version, &self.folder, &error));
            }
        };
        let is_best = retention.would_be_best(&newcomer);
        for (part, artifact) in written {
            newcomer.files.push((part, self.folder.join(part.file(version, F::SUFFIX))));
            let artifact = self.entry(artifact, kept, is_best);
            if part == Part::Model {
                newcomer.entry = artifact.clone();
            }
            self.tracker.record(Event::Artifact(artifact));
        }
        retention.put(newcomer);
        if is_best {
            self.told_best = Some(version);
        }
        for surplus in retention.surplus() {
            if self.delete(&surplus) {
                retention.remove(surplus.version);
            }
        }
        self.tell_best(retention);
    }

    /// What stands of earlier attempts and trainings of the run, up to the step that this one goes
    /// on after.
    fn open_retention(&mut self) -> Retention {
        let index = match (self.tracker.context(), self.after) {
            (Some(run), Some(after)) => {
                Index::read(&*self.tracker, run, F::SUFFIX).map(|index| index.up_to(after))
            }
            _ => Ok(Index::default()),
        };
        let index = index.unwrap_or_else(|error| {
            self.problem(problem::index_not_read(&error));
            Index::default()
        });
        self.told_best = index.best();
        let best = self.options.best_by().clone();
        Retention::new(self.options.keep(), best, index.into_standing())
    }

    fn write(&mut self, version: Version, kept: &Kept<F>) -> Result<Vec<(Part, Artifact)>, String> {
        let run = plain::run_folder(&*self.tracker);
        let told = |error: io::Error| error.to_string();
        plain::check_folders(run.as_deref(), &self.folder).map_err(told)?;
        if !self.prepared || !self.folder.is_dir() {
            atomic_write::prepare(run.as_deref(), &self.folder, F::SUFFIX).map_err(told)?;
            self.prepared = true;
        }
        let has_optimizer = F::has_optimizer(&kept.snapshot);
        let header = Header::new(self.tracker.context(), kept.state.clone(), has_optimizer);
        let progress = &self.handoff.progress;
        atomic_write::write::<F>(&self.folder, version, &kept.snapshot, &header, progress)
    }

    /// The entry of a file, with all that is known of the training then.
    fn entry(&self, artifact: Artifact, kept: &Kept<F>, is_best: bool) -> Artifact {
        let mut artifact = kept.state.describe(artifact).alias(LATEST);
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
    fn tell_best(&mut self, retention: &Retention) {
        let Some(best) = retention.best() else { return };
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
fn newcomer(state: &TrainingState) -> Standing {
    let version = Version::of(state);
    Standing {
        version,
        step: state.step,
        metrics: state.metrics.clone(),
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
struct Leaving<S>(Arc<Handoff<S>>);

impl<S> Drop for Leaving<S> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
