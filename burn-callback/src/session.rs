//! What the parts that sit in one training share: the tracker, the step and the way to stop.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use burn::train::Interrupter;
use tracker_core::{Event, Problem, RunContext, Stop, Tracker};

use crate::{
    guard::counted,
    rates::{self, Parameter},
    resume::{self, Resumed},
    start,
};

/// How long a panic may wait for the values that led to it.
const LAST_BATCHES: Duration = Duration::from_secs(2);

/// After how many batches a training that was told to stop should have stopped.
const HEEDED_WITHIN: u64 = 16;

/// One tracked training.
///
/// Burn calls the parts from two threads of its own: the step metric and the renderer from its train
/// worker, the metric logger from the thread of its event store.
pub(crate) struct Session {
    id: u64,
    tracker: RwLock<Option<Arc<dyn Tracker>>>,
    interrupter: Interrupter,
    /// The number of the last optimizer step that was logged; [`NONE`] before the first.
    step: AtomicU64,
    /// How many batches the step metric saw, and how many of them reached the metric logger.
    seen: AtomicU64,
    logged: AtomicU64,
    began: Instant,
    /// When the step metric last saw a batch, and how long after the one before, in milliseconds.
    seen_at: AtomicU64,
    seen_after: AtomicU64,
    /// How many batches had been seen when the training was told to stop; [`NONE`] if it was not.
    told_to_stop_at: AtomicU64,
    slots: Slots,
    first_step: OnceLock<u64>,
    /// The last epoch of which Burn may know, while strategies are shown earlier epochs.
    horizon: AtomicUsize,
    /// What early stopping decided of the last epochs: devices that train apart each ask, and
    /// must all be told the same.
    decided: Mutex<BTreeMap<usize, bool>>,
    /// Held while strategies decide, which devices that train apart do at the same time.
    deciding: Mutex<()>,
    starting_epoch: AtomicUsize,
    ended: AtomicBool,
    resumed: OnceLock<Resumed>,
    parameters: OnceLock<Vec<Parameter>>,
    rate_names: Mutex<Arc<[String]>>,
}

const NONE: u64 = u64::MAX;

/// Whether Burn still calls what was put into those places of the builder that hold one thing.
#[derive(Debug, Default)]
struct Slots {
    progress: AtomicBool,
    early_stopping_expected: AtomicBool,
    early_stopping: AtomicBool,
    checked: AtomicBool,
}

impl Session {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, interrupter: Interrupter) -> Self {
        Self::with(Some(tracker), interrupter)
    }

    /// A session that logs nothing.
    pub(crate) fn disabled(interrupter: Interrupter) -> Self {
        Self::with(None, interrupter)
    }

    fn with(tracker: Option<Arc<dyn Tracker>>, interrupter: Interrupter) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            tracker: RwLock::new(tracker),
            interrupter,
            step: AtomicU64::new(NONE),
            seen: AtomicU64::new(0),
            logged: AtomicU64::new(0),
            began: Instant::now(),
            seen_at: AtomicU64::new(0),
            seen_after: AtomicU64::new(0),
            told_to_stop_at: AtomicU64::new(NONE),
            slots: Slots::default(),
            first_step: OnceLock::new(),
            horizon: AtomicUsize::new(usize::MAX),
            decided: Mutex::default(),
            deciding: Mutex::default(),
            starting_epoch: AtomicUsize::new(usize::MAX),
            ended: AtomicBool::new(false),
            resumed: OnceLock::new(),
            parameters: OnceLock::new(),
            rate_names: Mutex::new(Arc::from([])),
        }
    }

    /// Whether the session logs to this tracker, or to another handle of its run.
    pub(crate) fn is_of(&self, tracker: &Arc<dyn Tracker>) -> bool {
        let held = self.tracker.read().unwrap_or_else(PoisonError::into_inner).clone();
        held.is_some_and(|held| match (held.context(), tracker.context()) {
            (Some(own), Some(other)) => own.id() == other.id(),
            _ => Arc::ptr_eq(&held, tracker),
        })
    }

    /// Tells the trainings of this process apart.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Runs `work`, and counts a panic in it instead of letting it end the training: Burn aborts
    /// the process when one of its loggers panics.
    pub(crate) fn guarded(&self, part: &str, work: impl FnOnce(&dyn Tracker)) {
        // No lock is held over the work: a panic in it may come back here.
        let held = self.tracker.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(tracker) = held else { return };
        let problem = || {
            Problem::new(
                "panic-while-tracking",
                format!("the {part} panicked and dropped what it was given"),
                "training goes on without these values; please report the panic's message above",
            )
        };
        counted(&*tracker, problem, || work(&*tracker));
    }

    pub(crate) fn interrupter(&self) -> &Interrupter {
        &self.interrupter
    }
}

/// Where training stands.
impl Session {
    /// The step metric saw a batch.
    pub(crate) fn batch_seen(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let before = self.seen_at.swap(now, Ordering::Relaxed);
        self.seen_after.store(now.saturating_sub(before), Ordering::Relaxed);
        self.seen.fetch_add(1, Ordering::AcqRel);
    }

    /// The metric logger has the values of a batch.
    pub(crate) fn batch_logged(&self) {
        self.logged.fetch_add(1, Ordering::AcqRel);
    }

    /// The metric logger wrote an optimizer step.
    pub(crate) fn set_step(&self, step: u64) {
        self.step.store(step, Ordering::Relaxed);
    }

    /// The last optimizer step that was written, for what belongs beside it.
    pub(crate) fn step(&self) -> Option<u64> {
        Some(self.step.load(Ordering::Relaxed)).filter(|step| *step != NONE)
    }

    /// The step to log at what comes after the training: its last one, or that of the run's last
    /// training; 0 without any.
    pub(crate) fn last_step(&self, tracker: &dyn Tracker) -> u64 {
        let of_run = || tracker.context()?.position().map(|step| step.0);
        self.step().or_else(of_run).unwrap_or_default()
    }

    /// Lets the tracker go, after the batches that are still on their way were logged. Waits
    /// two seconds at most.
    ///
    /// Burn keeps up to two batches before the step metric, where nobody sees them. They have passed
    /// when no batch came for twice as long as the last one took.
    pub(crate) fn release(&self) {
        let patience =
            if self.ended.load(Ordering::Relaxed) { Duration::ZERO } else { LAST_BATCHES };
        let end = Instant::now() + patience;
        let mut quiet_since = Instant::now();
        let mut before = self.counts();
        while Instant::now() < end {
            thread::sleep(Duration::from_millis(10));
            let counts = self.counts();
            if counts != before || counts.0 != counts.1 {
                (before, quiet_since) = (counts, Instant::now());
            }
            let batch = Duration::from_millis(self.seen_after.load(Ordering::Relaxed));
            if quiet_since.elapsed() >= (2 * batch).max(Duration::from_millis(20)) {
                break;
            }
        }
        let tracker = self.tracker.write().unwrap_or_else(PoisonError::into_inner).take();
        drop(tracker);
    }

    fn counts(&self) -> (u64, u64) {
        (self.seen.load(Ordering::Acquire), self.logged.load(Ordering::Acquire))
    }
}

/// Stopping.
impl Session {
    /// Stops the training if somebody asks for it at least as urgently as `urgency`.
    pub(crate) fn stop_if_asked(&self, tracker: &dyn Tracker, urgency: Stop) {
        let asked = tracker.requests().stop;
        if asked < urgency || asked == Stop::No {
            return;
        }
        let seen = self.seen.load(Ordering::Relaxed);
        let told_at = self.told_to_stop_at.load(Ordering::Relaxed);
        if told_at == NONE {
            self.told_to_stop_at.store(seen, Ordering::Relaxed);
            self.interrupter.stop(Some(&why(tracker, asked)));
        } else if seen == told_at + HEEDED_WITHIN {
            tracker.record(Event::Problem(Problem::new(
                "stop-not-heeded",
                "a stop was requested, and training goes on",
                "set an interrupter of your own before `.track`, or give it to \
                 `.track_with(&run, TrackOptions::new().interrupter(..))`",
            )));
        }
    }

    /// Why training should stop after this epoch, or sooner, if somebody asks for it.
    pub(crate) fn asked_to_stop(tracker: &dyn Tracker) -> Option<String> {
        let asked = tracker.requests().stop;
        (asked > Stop::No).then(|| why(tracker, asked))
    }

    /// All batches of the training have come.
    pub(crate) fn has_ended(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Keeps other threads' strategies waiting until this one has decided.
    pub(crate) fn deciding(&self) -> MutexGuard<'_, ()> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether training stops after `epoch`: what `decide` says, asked once for all devices.
    pub(crate) fn stops_after(&self, epoch: usize, decide: impl FnOnce() -> bool) -> bool {
        let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        if decided.len() > 2 {
            decided.pop_first();
        }
        *decided.entry(epoch).or_insert_with(decide)
    }

    /// Whether the training ends because somebody asked for it.
    pub(crate) fn was_told_to_stop(&self) -> bool {
        self.told_to_stop_at.load(Ordering::Relaxed) != NONE
    }

    /// The training ends after this epoch, because somebody asked for it.
    pub(crate) fn stops_after_epoch(&self) {
        self.told_to_stop_at.store(self.seen.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

fn why(tracker: &dyn Tracker, asked: Stop) -> String {
    let reason = tracker.context().and_then(RunContext::stop_reason);
    reason.unwrap_or_else(|| match asked {
        Stop::AfterEpoch => "a stop after the epoch was requested".to_owned(),
        _ => "a stop was requested".to_owned(),
    })
}

/// The places of Burn's builder that hold one thing, and lose ours to a later call.
impl Session {
    /// Burn told our renderer how far training has come.
    pub(crate) fn progress_called(&self) {
        self.slots.progress.store(true, Ordering::Relaxed);
    }

    fn has_begun(&self) -> bool {
        self.slots.progress.load(Ordering::Relaxed)
    }

    /// Whether the training is set up and was not launched yet.
    pub(crate) fn is_ready(&self) -> bool {
        !self.has_begun() && self.seen.load(Ordering::Relaxed) == 0
    }

    /// There is nothing to launch: the session is an evaluation's.
    pub(crate) fn has_no_training(&self) {
        self.progress_called();
    }

    /// Our early stopping is in the builder.
    pub(crate) fn expect_early_stopping(&self) {
        self.slots.early_stopping_expected.store(true, Ordering::Relaxed);
    }

    /// Burn called our early stopping.
    pub(crate) fn early_stopping_called(&self) {
        self.slots.early_stopping.store(true, Ordering::Relaxed);
    }

    /// Tells, at the first batch, of a renderer that took the place of ours.
    pub(crate) fn check_slots(&self, tracker: &dyn Tracker) {
        if self.slots.checked.swap(true, Ordering::Relaxed) || self.has_begun() {
            return;
        }
        tracker.record(Event::Problem(Problem::new(
            "renderer-replaced",
            "another renderer took the place of tracker's: times of epochs, a stop after an epoch, \
             how training ends and the values of an evaluation are not seen",
            "call `.track(&run)` as the last of the builder's calls, and give your renderer to \
             `.track_with(&run, TrackOptions::new().renderer(..))`",
        )));
    }

    /// Tells, at the second epoch, of an early stopping that took the place of ours.
    pub(crate) fn check_early_stopping(&self, tracker: &dyn Tracker) {
        let expected = self.slots.early_stopping_expected.swap(false, Ordering::Relaxed);
        if !expected || self.slots.early_stopping.load(Ordering::Relaxed) {
            return;
        }
        tracker.record(Event::Problem(Problem::new(
            "early-stopping-replaced",
            "another early stopping took the place of the one given to `.track_with`",
            "call `.track_with` as the last of the builder's calls, and `.early_stopping` not at \
             all",
        )));
    }
}

/// What is known before the first batch.
impl Session {
    /// The training begins with this epoch.
    pub(crate) fn begin(&self, tracker: &dyn Tracker, starting_epoch: usize) {
        self.starting_epoch.store(starting_epoch, Ordering::Relaxed);
        let step = *self
            .first_step
            .get_or_init(|| resume::first_step(&self.resumed, tracker, starting_epoch));
        if step > 0 {
            self.set_step(step - 1);
        }
        if let Some(run) = tracker.context() {
            start::begin(run.id(), step, starting_epoch as u64);
        }
    }

    /// The number of the first optimizer step; `None` if nobody told that the training begins.
    pub(crate) fn first_step(&self) -> Option<u64> {
        self.first_step.get().copied()
    }

    /// Whether this training itself measures the epoch, so that an older file of it is another's.
    pub(crate) fn trains(&self, epoch: usize) -> bool {
        epoch >= self.starting_epoch.load(Ordering::Relaxed)
    }

    /// The training goes on from a checkpoint.
    pub(crate) fn set_resumed(&self, resumed: Resumed) {
        // A second word on it would be another training's.
        let _ = self.resumed.set(resumed);
    }

    pub(crate) fn resumed(&self) -> Option<&Resumed> {
        self.resumed.get()
    }

    /// Goes through the epochs before the checkpoint, if training goes on from one, and calls
    /// `show` for each as if it had just ended: Burn reads nothing of later epochs meanwhile.
    pub(crate) fn replay(&self, mut show: impl FnMut(usize)) {
        for epoch in 1..=self.checkpoint().unwrap_or_default() {
            self.horizon.store(epoch, Ordering::Release);
            show(epoch);
        }
        self.horizon.store(usize::MAX, Ordering::Release);
    }

    /// The epoch of the checkpoint that training goes on from.
    pub(crate) fn checkpoint(&self) -> Option<usize> {
        self.resumed().map(|resumed| resumed.epoch)
    }

    /// Whether Burn may know of this epoch.
    pub(crate) fn is_known(&self, epoch: usize) -> bool {
        epoch <= self.horizon.load(Ordering::Acquire)
    }

    pub(crate) fn set_parameters(&self, parameters: Vec<Parameter>) {
        // A training has one model.
        let _ = self.parameters.set(parameters);
    }

    pub(crate) fn parameters(&self) -> Option<&[Parameter]> {
        self.parameters.get().map(Vec::as_slice)
    }

    pub(crate) fn name_rates(&self, names: &[String]) {
        let names = rates::unique(names);
        *self.rate_names.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }

    pub(crate) fn rate_names(&self) -> Arc<[String]> {
        Arc::clone(&self.rate_names.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
