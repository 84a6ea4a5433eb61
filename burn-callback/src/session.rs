//! What the parts that sit in one training share: the tracker, the step and the way to stop.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use burn::train::Interrupter;
use tracker_core::{Event, Problem, Stop, Tracker};

use crate::checkpoints::Checkpoints;

/// How long a panic may wait for the values that led to it.
const LAST_BATCHES: Duration = Duration::from_secs(2);

/// One tracked training.
///
/// Burn calls the parts from two threads of its own: the probe and the progress logger from its
/// train worker, the metric logger from the thread of its event store.
pub(crate) struct Session {
    tracker: RwLock<Option<Arc<dyn Tracker>>>,
    interrupter: Interrupter,
    /// How many optimizer steps were seen. Only the train worker changes it.
    steps: AtomicU64,
    /// How many batches the probe saw, and how many of them reached the metric logger.
    seen: AtomicU64,
    logged: AtomicU64,
    began: Instant,
    /// When the probe last saw a batch, and how long after the one before, in milliseconds.
    seen_at: AtomicU64,
    seen_after: AtomicU64,
    told_to_stop: AtomicBool,
    checkpoints: OnceLock<Checkpoints>,
}

impl Session {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, interrupter: Interrupter) -> Self {
        Self {
            tracker: RwLock::new(Some(tracker)),
            interrupter,
            steps: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            logged: AtomicU64::new(0),
            began: Instant::now(),
            seen_at: AtomicU64::new(0),
            seen_after: AtomicU64::new(0),
            told_to_stop: AtomicBool::new(false),
            checkpoints: OnceLock::new(),
        }
    }

    /// Follows the checkpoints of a training whose files lie in `directory`.
    pub(crate) fn follow_checkpoints(&self, tracker: &Arc<dyn Tracker>, directory: &Path) {
        let _ = self.checkpoints.set(Checkpoints::watch(tracker, directory));
    }

    pub(crate) fn checkpoints(&self) -> Option<&Checkpoints> {
        self.checkpoints.get()
    }

    /// Runs `work`, and counts a panic in it instead of letting it end the training: Burn aborts
    /// the process when one of its loggers panics.
    pub(crate) fn guarded(&self, part: &str, work: impl FnOnce(&dyn Tracker)) {
        let held = self.tracker.read().unwrap_or_else(PoisonError::into_inner);
        let Some(tracker) = held.as_deref() else { return };
        if catch_unwind(AssertUnwindSafe(|| work(tracker))).is_ok() {
            return;
        }
        let problem = Problem::new(
            "panic-while-tracking",
            format!("the {part} panicked and dropped what it was given"),
            "training goes on without these values; please report the panic's message above",
        );
        // Nothing more can be done if even that panics.
        let _ = catch_unwind(AssertUnwindSafe(|| tracker.record(Event::Problem(problem))));
    }

    /// The probe saw a batch.
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

    /// Lets the tracker go, after the batches that are still on their way were logged. Waits
    /// two seconds at most.
    ///
    /// Burn keeps up to two batches before the probe, where nobody sees them. They have passed
    /// when no batch came for twice as long as the last one took.
    pub(crate) fn release(&self) {
        let end = Instant::now() + LAST_BATCHES;
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

    /// Counts an optimizer step and gives its number, from 0.
    pub(crate) fn begin_step(&self) -> u64 {
        self.steps.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of the last optimizer step; 0 before the first.
    pub(crate) fn step(&self) -> u64 {
        self.steps.load(Ordering::Relaxed).saturating_sub(1)
    }

    pub(crate) fn interrupter(&self) -> &Interrupter {
        &self.interrupter
    }

    /// Stops the training if somebody asks for it at least as urgently as `urgency`.
    pub(crate) fn stop_if_asked(&self, tracker: &dyn Tracker, urgency: Stop) {
        let asked = tracker.requests().stop;
        if asked < urgency || asked == Stop::No || self.told_to_stop.swap(true, Ordering::Relaxed) {
            return;
        }
        let reason = match asked {
            Stop::AfterEpoch => "a stop after the epoch was requested",
            _ => "a stop was requested",
        };
        self.interrupter.stop(Some(reason));
    }
}
