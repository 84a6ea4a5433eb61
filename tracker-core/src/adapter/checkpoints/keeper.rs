//! The training's side of its checkpoints.

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    Event, Problem, RunContext, Tracker,
    adapter::checkpoints::{
        FOLDER,
        format::CheckpointFormat,
        handoff::Handoff,
        options::{BestBy, CheckpointOptions},
        problem,
        retention::usual_direction,
        training_state::TrainingState,
        version::Version,
        writer_thread::WriterThread,
    },
};

/// How long a training waits for a disk.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For room for one more checkpoint; then that checkpoint is dropped.
    pub room: Duration,
    /// At the end, without the disk taking anything.
    pub stalled: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { room: Duration::from_secs(30), stalled: Duration::from_mins(1) }
    }
}

/// Keeps the checkpoints of one training.
///
/// Saving copies the variables and returns; a thread writes them. One copy may be on its way to the
/// disk while another waits, so that up to two copies are in memory. Whatever fails is counted as a
/// problem. Dropping it waits for the disk as [`wait`](Self::wait) does.
pub struct CheckpointKeeper<F: CheckpointFormat> {
    tracker: Arc<dyn Tracker>,
    options: CheckpointOptions,
    folder: Option<PathBuf>,
    after: Option<u64>,
    /// When the last one was saved, or the training began.
    saved: Instant,
    /// How many had been asked for by then.
    answered: u64,
    patience: Patience,
    writer: Option<Writer<F>>,
}

/// A copy of a training, and where it stood.
#[derive(Debug)]
pub(crate) struct Kept<F: CheckpointFormat> {
    pub(crate) state: TrainingState,
    pub(crate) snapshot: F::Snapshot,
}

struct Writer<F: CheckpointFormat> {
    handoff: Arc<Handoff<Kept<F>>>,
    thread: JoinHandle<()>,
    /// What was done when there was last no room, and when the disk was last given up. Nobody waits
    /// for the same again before something is done.
    no_room_at: Option<u64>,
    stalled_at: Option<u64>,
}

impl<F: CheckpointFormat> Writer<F> {
    fn has_room(&mut self, patience: Duration) -> bool {
        let now = Some(self.handoff.progress.count());
        let is_stuck = self.no_room_at == now || self.stalled_at == now;
        let has_room = self.handoff.wait_for_room(if is_stuck { Duration::ZERO } else { patience });
        self.no_room_at = (!has_room).then(|| self.handoff.progress.count());
        has_room
    }

    fn wait(&mut self, patience: Duration) -> Waited {
        if self.stalled_at == Some(self.handoff.progress.count()) {
            return Waited::StillStalled;
        }
        let is_empty = self.handoff.wait_until_empty(patience);
        self.stalled_at = (!is_empty).then(|| self.handoff.progress.count());
        if is_empty { Waited::Written } else { Waited::Stalled }
    }
}

/// What waiting for the disk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    Written,
    Stalled,
    /// It was given up before and has done nothing since.
    StillStalled,
}

impl<F: CheckpointFormat> CheckpointKeeper<F> {
    /// Keeps those of the training that this tracker records.
    pub fn new(tracker: Arc<dyn Tracker>, options: CheckpointOptions) -> Self {
        if let BestBy::Metric(metric, None) = options.best_by()
            && usual_direction(metric).is_none()
        {
            tracker.record(Event::Problem(problem::unknown_direction(metric)));
        }
        let usual = || tracker.directory().map(|directory| directory.join(FOLDER));
        let folder = options.own_folder().map_or_else(usual, |own| Some(own.to_owned()));
        Self {
            after: tracker.context().and_then(last_step),
            answered: asked_for(&*tracker),
            tracker,
            folder: folder.map(|folder| std::path::absolute(&folder).unwrap_or(folder)),
            options,
            saved: Instant::now(),
            patience: Patience::default(),
            writer: None,
        }
    }

    /// Waits for a disk as long as that.
    pub fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// Whether the thread has taken what was saved last.
    pub fn is_taken(&self) -> bool {
        self.writer.as_ref().is_none_or(|writer| writer.handoff.wait_for_room(Duration::ZERO))
    }

    /// Says that the training goes on after a checkpoint of this step, where it was restored after
    /// this was made.
    pub fn goes_on_after(&mut self, step: u64) {
        self.after = Some(step);
    }

    /// Whether one is due after this many epochs.
    pub fn is_due_after_epoch(&self, count: u64) -> bool {
        self.options.is_due_after_epoch(count)
    }

    /// Whether one is due at the training's end, so that it can go on where it ended.
    pub fn is_due_at_end(&self) -> bool {
        self.options.saves_within_epochs()
    }

    /// Whether one is due after this step was taken, or somebody has asked for one; the first is step 0.
    pub fn is_due_after_step(&self, step: u64) -> bool {
        let is_late = |time| self.saved.elapsed() >= time;
        self.options.is_due_after_steps(step.saturating_add(1))
            || self.options.time().is_some_and(is_late)
            || asked_for(&*self.tracker) > self.answered
    }

    /// Saves the training as it stands, of which `take` makes a copy, or says why it cannot. The call
    /// takes the time of that; only where two checkpoints are on their way to the disk already, it waits
    /// for it.
    pub fn save(
        &mut self,
        state: TrainingState,
        take: impl FnOnce() -> Result<F::Snapshot, String>,
    ) {
        self.saved = Instant::now();
        self.answered = asked_for(&*self.tracker);
        let version = Version::of(&state);
        let patience = self.patience.room;
        let writer = match self.writer() {
            Ok(writer) => writer,
            Err(problem) => return self.problem(problem),
        };
        if !writer.has_room(patience) {
            let ended = writer.thread.is_finished();
            return self.problem(if ended {
                problem::writer_ended(version)
            } else {
                problem::no_room(version, patience)
            });
        }
        let handoff = Arc::clone(&writer.handoff);
        match take() {
            Ok(snapshot) => handoff.put(Kept { state, snapshot }),
            Err(error) => self.problem(problem::not_copied(version, &error)),
        }
    }

    /// Waits until all that was saved is on the disk and in the run's index. A disk that takes
    /// nothing for a minute is not waited for any longer.
    pub fn wait(&mut self) {
        self.is_written();
    }

    fn is_written(&mut self) -> bool {
        let patience = self.patience.stalled;
        let Some(writer) = &mut self.writer else { return true };
        let waited = writer.wait(patience);
        if waited == Waited::Stalled {
            self.problem(problem::stalled(patience));
        }
        waited == Waited::Written
    }

    /// The thread that writes, which is started for the first checkpoint.
    fn writer(&mut self) -> Result<&mut Writer<F>, Problem> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.start_writer()?,
        };
        Ok(self.writer.insert(writer))
    }

    fn start_writer(&self) -> Result<Writer<F>, Problem> {
        let folder = self.folder.clone().ok_or_else(problem::no_folder)?;
        let handoff = Arc::<Handoff<Kept<F>>>::default();
        let (tracker, options) = (Arc::clone(&self.tracker), self.options.clone());
        let writer = WriterThread::new(tracker, Arc::clone(&handoff), folder, options, self.after);
        let thread = thread::Builder::new().name("tracker-checkpoints".to_owned());
        let thread = thread.spawn(move || writer.work());
        let thread = thread.map_err(|error| problem::no_writer(&error))?;
        Ok(Writer { handoff, thread, no_room_at: None, stalled_at: None })
    }

    fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }
}

/// The last step of an earlier training of the run: in this process, or before the checkpoint that
/// the run goes on from.
fn last_step(run: &dyn RunContext) -> Option<u64> {
    run.next_step().0.checked_sub(1)
}

/// How many people asked for, since the process began.
fn asked_for(tracker: &dyn Tracker) -> u64 {
    tracker.context().map_or(0, RunContext::checkpoints_asked)
}

impl<F: CheckpointFormat> Drop for CheckpointKeeper<F> {
    fn drop(&mut self) {
        let written = self.is_written();
        let Some(writer) = self.writer.take() else { return };
        writer.handoff.close();
        // A thread that waits for a dead disk is left to itself.
        if written {
            let _ = writer.thread.join();
        }
    }
}

impl<F: CheckpointFormat> fmt::Debug for CheckpointKeeper<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CheckpointKeeper");
        debug.field("options", &self.options).field("folder", &self.folder);
        debug.field("after", &self.after).finish_non_exhaustive()
    }
}
