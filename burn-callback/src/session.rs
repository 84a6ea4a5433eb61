//! What the parts that sit in one training share: the tracker, the step and the way to stop.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use burn::train::Interrupter;
use tracker_core::{Event, Level, Point, Problem, Stop, Tracker};

/// One tracked training.
///
/// Burn calls the parts from two threads of its own: the probe and the progress logger from its
/// train worker, the metric logger from the thread of its event store.
pub(crate) struct Session {
    tracker: Arc<dyn Tracker>,
    interrupter: Interrupter,
    /// How many optimizer steps were seen. Only the train worker changes it.
    steps: AtomicU64,
    told_to_stop: AtomicBool,
}

impl Session {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, interrupter: Interrupter) -> Self {
        Self {
            tracker,
            interrupter,
            steps: AtomicU64::new(0),
            told_to_stop: AtomicBool::new(false),
        }
    }

    pub(crate) fn tracker(&self) -> &dyn Tracker {
        &*self.tracker
    }

    /// Runs `work`, and counts a panic in it instead of letting it end the training: Burn aborts
    /// the process when one of its loggers panics.
    pub(crate) fn guarded(&self, part: &str, work: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(work)).is_ok() {
            return;
        }
        let problem = Problem::new(
            "panic-while-tracking",
            format!("the {part} panicked and dropped what it was given"),
            "training goes on without these values; please report the panic's message above",
        );
        self.problem(problem);
    }

    /// Counts a problem. Nothing more can be done if even that panics.
    pub(crate) fn problem(&self, problem: Problem) {
        let record = || self.tracker.record(Event::Problem(problem));
        let _ = catch_unwind(AssertUnwindSafe(record));
    }

    pub(crate) fn message(&self, level: Level, text: String) {
        self.tracker.record(Event::Message { level, text });
    }

    /// Writes points in one call, if there are any.
    pub(crate) fn write(&self, points: &[Point]) {
        if !points.is_empty() {
            self.tracker.write(points);
        }
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
    pub(crate) fn stop_if_asked(&self, urgency: Stop) {
        let asked = self.tracker.requests().stop;
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
