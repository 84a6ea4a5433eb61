//! Whether a run gets on, for those who wait for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a run's disk has taken beside the points that leave its ring, as a number that grows.
/// Only what worked counts: a disk that refuses again and again is one that stands still.
#[derive(Debug, Default)]
pub(crate) struct Headway {
    steps: AtomicU64,
    /// Whether the run's end waits for the maintenance thread, which is at work for other runs.
    is_queued: AtomicBool,
}

impl Headway {
    /// The disk has taken something.
    pub(crate) fn step(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }

    /// The run's end waits for its turn. What is before it is not much and gets no more.
    pub(crate) fn queue(&self) {
        self.is_queued.store(true, Ordering::Relaxed);
    }

    /// The run's end has its turn.
    pub(crate) fn begin(&self) {
        self.is_queued.store(false, Ordering::Relaxed);
    }

    /// How far the run has come. Work that the maintenance thread does for other runs counts only
    /// while this one is in its queue.
    pub(crate) fn so_far(&self) -> u64 {
        let steps = self.steps.load(Ordering::Relaxed);
        let is_queued = self.is_queued.load(Ordering::Relaxed);
        if is_queued { steps.wrapping_add(JOBS_DONE.load(Ordering::Relaxed)) } else { steps }
    }
}

/// How many jobs the maintenance thread has done, of all runs: a sign for those who wait in its
/// queue.
static JOBS_DONE: AtomicU64 = AtomicU64::new(0);

/// The maintenance thread has done one more job.
pub(crate) fn job_done() {
    JOBS_DONE.fetch_add(1, Ordering::Relaxed);
}
