//! The training's side of its checkpoints.

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use candle_core::Var;
use candle_nn::VarMap;
use tracker_core::{Event, Problem, RunContext, Tracker};

use super::{
    FOLDER,
    handoff::Handoff,
    options::{BestBy, CheckpointOptions},
    problem,
    retention::usual_direction,
    snapshot::Snapshot,
    training_state::TrainingState,
    version::Version,
    writer_thread::WriterThread,
};

/// How long a training waits for a disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For room for one more checkpoint; then that checkpoint is dropped.
    pub(crate) room: Duration,
    /// At the end, without the disk taking anything.
    pub(crate) stalled: Duration,
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
pub(crate) struct CheckpointManager {
    tracker: Arc<dyn Tracker>,
    weights: VarMap,
    states: Vec<(String, Vec<(String, Var)>)>,
    options: CheckpointOptions,
    folder: Option<PathBuf>,
    after: Option<u64>,
    /// When the last one was saved, or the training began.
    saved: Instant,
    patience: Patience,
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    handoff: Arc<Handoff>,
    thread: JoinHandle<()>,
    /// What was done when there was last no room, and when the disk was last given up. Nobody waits
    /// for the same again before something is done.
    no_room_at: Option<u64>,
    stalled_at: Option<u64>,
}

impl Writer {
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

impl CheckpointManager {
    /// `weights` shares its variables with the training's.
    pub(crate) fn new(
        tracker: Arc<dyn Tracker>,
        weights: VarMap,
        options: CheckpointOptions,
    ) -> Self {
        if let BestBy::Metric(metric, None) = options.best_by()
            && usual_direction(metric).is_none()
        {
            tracker.record(Event::Problem(problem::unknown_direction(metric)));
        }
        let usual = || tracker.directory().map(|directory| directory.join(FOLDER));
        let folder = options.own_folder().map_or_else(usual, |own| Some(own.to_owned()));
        Self {
            after: tracker.context().and_then(last_step),
            tracker,
            weights,
            states: Vec::new(),
            folder: folder.map(|folder| std::path::absolute(&folder).unwrap_or(folder)),
            options,
            saved: Instant::now(),
            patience: Patience::default(),
            writer: None,
        }
    }

    #[cfg(test)]
    pub(crate) fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Whether the thread has taken what was saved last.
    #[cfg(test)]
    pub(crate) fn is_taken(&self) -> bool {
        self.writer.as_ref().is_none_or(|writer| writer.handoff.wait_for_room(Duration::ZERO))
    }

    /// Saves also what an optimizer remembers. The training's own has an empty name; one of the
    /// same name as another takes its place.
    pub(crate) fn add_state(&mut self, name: &str, variables: Vec<(String, Var)>) {
        self.states.retain(|(known, _)| known != name);
        self.states.push((name.to_owned(), variables));
    }

    /// Says that the training goes on after a checkpoint of this step, where it was restored after
    /// this was made.
    pub(crate) fn goes_on_after(&mut self, step: u64) {
        self.after = Some(step);
    }

    /// Whether one is due after this many epochs.
    pub(crate) fn is_due_after_epoch(&self, count: u64) -> bool {
        self.options.is_due_after_epoch(count)
    }

    /// Whether one is due at the training's end, so that it can go on where it ended.
    pub(crate) fn is_due_at_end(&self) -> bool {
        self.options.saves_within_epochs()
    }

    /// Whether one is due after this step was taken; the first is step 0.
    pub(crate) fn is_due_after_step(&self, step: u64) -> bool {
        let is_late = |time| self.saved.elapsed() >= time;
        self.options.is_due_after_steps(step.saturating_add(1))
            || self.options.time().is_some_and(is_late)
    }

    /// Saves the training as it stands. The call takes the time of copying the variables in memory;
    /// only where two checkpoints are on their way to the disk already, it waits for it.
    pub(crate) fn save(&mut self, state: TrainingState) {
        self.saved = Instant::now();
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
        match Snapshot::take(state, &self.weights, &self.states) {
            Ok(snapshot) => handoff.put(snapshot),
            Err(error) => self.problem(problem::not_copied(version, &error)),
        }
    }

    /// Waits until all that was saved is on the disk and in the run's index. A disk that takes
    /// nothing for a minute is not waited for any longer.
    pub(crate) fn wait(&mut self) {
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
    fn writer(&mut self) -> Result<&mut Writer, Problem> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.start_writer()?,
        };
        Ok(self.writer.insert(writer))
    }

    fn start_writer(&self) -> Result<Writer, Problem> {
        let folder = self.folder.clone().ok_or_else(problem::no_folder)?;
        let handoff = Arc::<Handoff>::default();
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

impl Drop for CheckpointManager {
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

impl fmt::Debug for CheckpointManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CheckpointManager");
        debug.field("options", &self.options).field("folder", &self.folder);
        debug.field("after", &self.after).field("writer", &self.writer).finish_non_exhaustive()
    }
}
