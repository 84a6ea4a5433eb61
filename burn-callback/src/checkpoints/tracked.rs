//! A checkpointer whose changes are in the run's index.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use burn::train::checkpoint::{Checkpoint, Checkpointer, CheckpointerError};
use tracker_core::{Event, Problem, Run, Tracker};

use super::{
    EpochHistory, entry,
    stamp::Stamp,
    worker::{Change, Worker},
};

/// Makes a checkpointer of your own tell the run what it saves and deletes.
///
/// Burn's default checkpointers need none of this: `.track(&run)` sees their files.
pub trait TrackCheckpoints {
    /// Wraps a checkpointer. What it saves becomes the artifact `checkpoint/<record>` of the run,
    /// with a version for each epoch; `record` says what it saves, as `model`, `optimizer` and
    /// `scheduler` do.
    ///
    /// ```no_run
    /// use burn_callback::prelude::*;
    /// # use burn_callback::burn;
    /// use burn::train::checkpoint::FileCheckpointer;
    /// # use burn::train::{LearnerModel, SupervisedTraining};
    /// # fn wrap<M: LearnerModel>(run: &Run, training: SupervisedTraining<M>) -> SupervisedTraining<M> {
    ///
    /// let folder = run.dir().join("weights");
    /// let file = |name: &str| FileCheckpointer::new(&folder, name);
    /// let path = |name: &'static str| {
    ///     let folder = folder.clone();
    ///     move |epoch| folder.join(format!("{name}-{epoch}.bpk"))
    /// };
    /// training.with_custom_checkpointers(
    ///     run.checkpointer("model", file("model")).file(path("model")),
    ///     run.checkpointer("optimizer", file("optim")).file(path("optim")),
    ///     run.checkpointer("scheduler", file("scheduler")).file(path("scheduler")),
    /// )
    /// # }
    /// ```
    #[must_use]
    fn checkpointer<C>(&self, record: impl Into<String>, inner: C) -> TrackedCheckpointer<C>;
}

impl TrackCheckpoints for Run {
    fn checkpointer<C>(&self, record: impl Into<String>, inner: C) -> TrackedCheckpointer<C> {
        let record = record.into();
        let history = EpochHistory::of(self.id());
        history.track(&entry::name(&record));
        let run = self.clone();
        TrackedCheckpointer { inner, run, record, history, file: None, worker: OnceLock::new() }
    }
}

/// A [`Checkpointer`] that does what another one does, and enters it in the run's index: what was
/// saved, with the epoch's values, and what was deleted.
///
/// Its results are the inner one's. Files are hashed on a thread of their own, and dropping it
/// waits for that thread, half a minute at most.
pub struct TrackedCheckpointer<C> {
    inner: C,
    run: Run,
    record: String,
    history: Arc<EpochHistory>,
    file: Option<FileOf>,
    worker: OnceLock<Option<Worker>>,
}

/// Where the record of an epoch is saved.
type FileOf = Box<dyn Fn(usize) -> PathBuf + Send + Sync>;

impl<C> TrackedCheckpointer<C> {
    /// Says in which file the inner checkpointer saves the record of an epoch. The artifact then
    /// has its path, size and hash; without it, the run only knows that there is a checkpoint.
    #[must_use]
    pub fn file(mut self, file: impl Fn(usize) -> PathBuf + Send + Sync + 'static) -> Self {
        self.file = Some(Box::new(file));
        self
    }

    fn saved(&self, epoch: usize) {
        let file = self.file.as_ref().and_then(|file| self.seen(file(epoch)));
        self.enter(Change::Saved { epoch: epoch as u64, file });
    }

    fn seen(&self, path: PathBuf) -> Option<(PathBuf, Stamp)> {
        let reason = match Stamp::at(&path) {
            Ok(Some(stamp)) => return Some((path, stamp)),
            Ok(None) => "it is not where `.file(..)` says".to_owned(),
            Err(error) => error.to_string(),
        };
        self.run.record(entry::not_indexed(&path, &reason));
        None
    }

    fn enter(&self, change: Change) {
        if let Some(worker) = self.worker.get_or_init(|| self.start_worker()) {
            worker.enter(change);
        }
    }

    fn start_worker(&self) -> Option<Worker> {
        let (run, record) = (self.run.clone(), self.record.clone());
        let started = Worker::start(run, record, Arc::clone(&self.history));
        if let Err(error) = &started {
            self.run.record(Event::Problem(Problem::new(
                "checkpoints-not-indexed",
                format!("no thread could be started for the index of checkpoints: {error}"),
                "raise the limit of threads; the training itself is not affected",
            )));
        }
        started.ok()
    }
}

impl<R: Checkpoint, C: Checkpointer<R>> Checkpointer<R> for TrackedCheckpointer<C> {
    fn save(&self, epoch: usize, record: R) -> Result<(), CheckpointerError> {
        self.inner.save(epoch, record)?;
        if self.run.enabled() {
            self.saved(epoch);
        }
        Ok(())
    }

    fn delete(&self, epoch: usize) -> Result<(), CheckpointerError> {
        self.inner.delete(epoch)?;
        if self.run.enabled() {
            self.enter(Change::Deleted { epoch: epoch as u64 });
        }
        Ok(())
    }

    fn restore(&self, epoch: usize) -> Result<R, CheckpointerError> {
        self.inner.restore(epoch)
    }
}

impl<C> fmt::Debug for TrackedCheckpointer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, record, .. } = self;
        let mut debug = f.debug_struct("TrackedCheckpointer");
        debug.field("run", run).field("record", record).finish_non_exhaustive()
    }
}
