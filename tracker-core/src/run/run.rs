//! A run: the tracker that stores what is logged to it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use parking_lot::Mutex;

use crate::{
    Mode, NoopTracker, Outcome, Report, Result, RunId, Status, Step, Tracker,
    platform::is_forked_child,
    read::RunReader,
    run::{
        datasets::Datasets, disabled::TemporaryFolder, messages, output::Captured,
        position::Position, sync, sync::Sending, system_log::SystemLog,
    },
    store::{self, Failure, Session},
    tracker::{finish_hook::FinishHooks, report::RunLabel, stop_flag::StopFlag},
};

/// One training, stored as it goes. Cheap to clone; all clones are the same run.
///
/// Start one with [`init`](crate::init). Log calls never fail. They wait for no disk but where
/// 131,072 points wait already: then a call waits up to a second, as long as the disk takes some.
///
/// ```no_run
/// use tracker_core::{init, metrics};
///
/// # fn main() -> Result<(), tracker_core::Error> {
/// let run = init("mnist").name("baseline").tags(["cnn"]).start()?;
/// for epoch in 0..10 {
///     run.log(metrics! { "train/loss" => 1.0 / f64::from(epoch + 1), "epoch" => epoch });
/// }
/// println!("{}", run.finish()?);
/// # Ok(())
/// # }
/// ```
///
/// Without `finish`, dropping the last clone ends the run as `ended`, or as `failed` with the
/// panic's message while panicking. A killed process leaves it as `crashed`, with its points.
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) inner: Arc<RunInner>,
}

#[derive(Debug)]
pub(crate) struct RunInner {
    pub(super) backend: Backend,
    pub(super) label: RunLabel,
    files: PathBuf,
    pub(super) position: Arc<Position>,
    pub(super) stop: Arc<StopFlag>,
    pub(super) finish_hooks: FinishHooks,
    /// How the training came out, as an adapter saw it.
    pub(super) verdict: Mutex<Option<Outcome>>,
    /// The error that passed through [`Run::check`], unless the run was finished afterwards.
    pub(super) error: Mutex<Option<String>>,
    /// The output of the process, as long as the run has it.
    pub(super) captured: Mutex<Option<Captured>>,
    /// All of it is on the disk; its end may still wait for the places that it is sent to.
    pub(super) saved: AtomicBool,
    pub(super) end: Mutex<Option<std::result::Result<Report, Failure>>>,
}

#[derive(Debug)]
pub(super) enum Backend {
    Stored {
        session: Arc<Session>,
        /// Logs what the machine does, if that is wanted.
        system: Option<Arc<SystemLog>>,
        datasets: Arc<Datasets>,
        /// The places that it is sent to, beside the training.
        syncs: Vec<Arc<Sending>>,
    },
    Disabled {
        noop: NoopTracker,
        /// The store that the run would be in, if the program names one.
        root: Option<PathBuf>,
        /// Goes with the run.
        _folder: TemporaryFolder,
    },
}

impl Run {
    pub(crate) fn stored(
        session: Arc<Session>,
        system: Option<Arc<SystemLog>>,
        syncs: Vec<Arc<Sending>>,
    ) -> Self {
        let file = session.file();
        let label = RunLabel {
            id: file.id,
            name: file.name,
            project: file.project,
            path: session.paths().folder().to_path_buf(),
        };
        let files = session.paths().files().to_path_buf();
        let forked_after = session.forked_after();
        let backend = Backend::Stored { session, system, datasets: Arc::default(), syncs };
        let run = Self::new(backend, label, files);
        if let Some(step) = forked_after {
            run.inner.position.count_after(step);
        }
        run
    }

    /// A run that stores nothing and has a temporary folder.
    pub(crate) fn disabled(project: String, name: String, root: Option<PathBuf>) -> Result<Self> {
        let id = RunId::generate();
        let folder = TemporaryFolder::create(&id)?;
        let files = folder.files();
        let label = RunLabel { id, name, project, path: folder.path().to_owned() };
        let noop = NoopTracker::new();
        Ok(Self::new(Backend::Disabled { noop, root, _folder: folder }, label, files))
    }

    fn new(backend: Backend, label: RunLabel, files: PathBuf) -> Self {
        let stop = match &backend {
            Backend::Stored { session, .. } => Arc::clone(&session.stop),
            Backend::Disabled { .. } => Arc::default(),
        };
        let inner = RunInner {
            backend,
            label,
            files,
            position: Arc::default(),
            stop,
            finish_hooks: FinishHooks::default(),
            verdict: Mutex::default(),
            error: Mutex::default(),
            captured: Mutex::default(),
            saved: AtomicBool::new(false),
            end: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Has the run hear what the program says from now on, and what it writes if that is wanted.
    pub(crate) fn listen(&self, captures_output: bool) {
        let Backend::Stored { session, .. } = &self.inner.backend else { return };
        messages::enlist(session, &self.inner.position, captures_output);
        if captures_output {
            match Captured::begin() {
                Ok(captured) => *self.inner.captured.lock() = Some(captured),
                Err(problem) => session.problem(problem),
            }
        }
    }

    /// The store that the run is in; of a disabled one, the one that the program names.
    pub(crate) fn root(&self) -> Option<&Path> {
        match &self.inner.backend {
            // <root>/<project>/<run-id>
            Backend::Stored { .. } => self.path().ancestors().nth(2),
            Backend::Disabled { root, .. } => root.as_deref(),
        }
    }

    /// Where data sets are read; nowhere for a disabled run, and in a forked child.
    pub(crate) fn datasets(&self) -> Option<(&Arc<Session>, &Arc<Datasets>)> {
        match &self.inner.backend {
            Backend::Stored { session, datasets, .. } if !is_forked_child() => {
                Some((session, datasets))
            }
            _ => None,
        }
    }

    pub(crate) fn refuse_in_child(&self) -> Result<()> {
        self.inner.refuse_in_child()
    }

    /// The run's id, unique over machines.
    pub fn id(&self) -> &RunId {
        &self.inner.label.id
    }

    /// The run's short name, given or made up.
    pub fn name(&self) -> &str {
        &self.inner.label.name
    }

    /// The project that the run belongs to.
    pub fn project(&self) -> &str {
        &self.inner.label.project
    }

    /// The run's folder in the store. Its files are tracker's; yours go into [`dir`](Self::dir).
    pub fn path(&self) -> &Path {
        &self.inner.label.path
    }

    /// The folder for your own files of this run: checkpoints, a framework's logs. It exists,
    /// also when tracking is disabled, and nothing of the store lies in it.
    pub fn dir(&self) -> &Path {
        &self.inner.files
    }

    /// Whether anything is stored: not with `TRACKER_MODE=disabled`.
    pub fn enabled(&self) -> bool {
        matches!(self.inner.backend, Backend::Stored { .. })
    }

    /// How the run's store does: what a killed process would lose, what waits, what went wrong.
    pub fn status(&self) -> Status {
        match &self.inner.backend {
            Backend::Stored { session, syncs, .. } => {
                let status = session.status();
                if is_forked_child() {
                    return status;
                }
                Status { sync: sync::status(syncs, session), ..status }
            }
            Backend::Disabled { .. } => Status {
                mode: Mode::Disabled,
                waiting: 0,
                dropped: 0,
                problems: Vec::new(),
                sync: Vec::new(),
            },
        }
    }

    /// The rank of this process in its training: `TRACKER_RANK`, 0 for the first or only one.
    pub fn rank(&self) -> u16 {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.writer.rank,
            Backend::Disabled { .. } => 0,
        }
    }

    /// Whether the run has a past to go on from: it was [resumed](crate::RunBuilder::resume), its process was
    /// started again, or it was [forked](crate::RunBuilder::fork) from another run.
    pub fn is_resumed(&self) -> bool {
        match &self.inner.backend {
            Backend::Stored { session, .. } => {
                session.writer.attempt > 1 || session.forked_after().is_some()
            }
            Backend::Disabled { .. } => false,
        }
    }

    /// The step that an adapter last announced with [`advance`](Tracker::advance); `None` before
    /// the first one. A second training in the same run goes on after it.
    pub fn position(&self) -> Option<Step> {
        self.inner.position.announced()
    }

    /// The step with which a training that begins now goes on: the one after
    /// [`position`](Self::position), or after the checkpoint given to
    /// [`resume_after`](Self::resume_after); 0 before that.
    pub fn next_step(&self) -> Step {
        self.inner.position.next()
    }

    /// Who asked the run to stop, and why; `None` while nobody did.
    pub fn stop_reason(&self) -> Option<String> {
        if is_forked_child() { None } else { self.inner.stop.reason() }
    }

    /// How many checkpoints were asked for since this process began, by `tracker checkpoint` or
    /// [`control::CheckpointRequest`](crate::control::CheckpointRequest): for a loop that saves its own, whenever
    /// it has grown. The adapters look by themselves.
    pub fn checkpoints_asked(&self) -> u64 {
        match &self.inner.backend {
            Backend::Stored { session, .. } => session.checkpoints.answer(),
            Backend::Disabled { .. } => 0,
        }
    }

    /// Opens the run for reading, also while it lives: what an earlier attempt logged, its
    /// artifacts, its facts. Points are there at once; for what else this process has recorded a
    /// moment ago, call [`flush`](Tracker::flush) first.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// # let run = tracker_core::init("mnist").start()?;
    /// let losses = run.reader()?.series("train/loss")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If tracking is disabled, or the run's folder cannot be read.
    pub fn reader(&self) -> Result<RunReader> {
        RunReader::of_context(self)
    }

    /// Says that this training goes on from a checkpoint of `step`: what earlier attempts logged
    /// beyond that step is left out of all curves, tables and exports from now on. Their files
    /// stay as they are. Of several ranks, rank 0 says so for all; for the others, this only sets the
    /// step. The next `log` without a step of its own counts on from `step + 1`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let run = tracker_core::init("mnist").resume("calm-otter-27").start()?;
    /// let checkpoint_step = 400_u64; // as your checkpoint says
    /// run.resume_after(checkpoint_step)?;
    /// run.log([("train/loss", 0.3)]); // at step 401
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the run's folder cannot be listed, or this process was forked from the run's own.
    pub fn resume_after(&self, step: impl Into<Step>) -> Result<()> {
        self.inner.refuse_in_child()?;
        let step = step.into();
        self.inner.position.resume_after(step);
        let Backend::Stored { session, .. } = &self.inner.backend else { return Ok(()) };
        session.resume_knobs_after(step);
        let mut earlier = store::ended_writers(&session.paths())?;
        earlier.retain(|writer| *writer != session.writer);
        // A fork has its parent's rows too, which may reach further.
        if !earlier.is_empty() || session.forked_after().is_some_and(|last| last > step) {
            session.resume_after(step, earlier);
        }
        Ok(())
    }

    /// The file of the best checkpoint of `record`, which is `model` for what the adapters save; `None`
    /// if no checkpoint is the best, and where nothing is stored. What is on its way to the disk is
    /// waited for, five seconds at most.
    ///
    /// # Errors
    /// If the run cannot be read.
    pub fn best_checkpoint(&self, record: &str) -> Result<Option<PathBuf>> {
        if !self.enabled() {
            return Ok(None);
        }
        let _ = self.flush(Duration::from_secs(5));
        self.reader()?.best_checkpoint(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disabled_run_has_nothing_to_read() {
        let run = Run::disabled("test".into(), "test".into(), None).unwrap();
        let error = run.reader().unwrap_err().to_string();
        assert!(error.contains("tracking is disabled") && error.contains("hint: "), "{error}");
    }
}
