//! The step at which a training stands.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::Step;

/// Where training stands: announced by an adapter, or counted by calls of `log`.
#[derive(Debug, Default)]
pub(crate) struct Position {
    announced: AtomicBool,
    step: AtomicU64,
    /// The step after the checkpoint that this process goes on from; 0 without one.
    resumed: AtomicU64,
}

impl Position {
    pub(crate) fn announce(&self, step: Step) {
        self.step.store(step.0, Ordering::Relaxed);
        self.announced.store(true, Ordering::Release);
    }

    pub(crate) fn announced(&self) -> Option<Step> {
        self.announced.load(Ordering::Acquire).then(|| Step(self.step.load(Ordering::Relaxed)))
    }

    /// The step with which a training that begins now goes on.
    pub(crate) fn next(&self) -> Step {
        let resumed = || Step(self.resumed.load(Ordering::Relaxed));
        self.announced().map_or_else(resumed, |step| Step(step.0.wrapping_add(1)))
    }

    /// What is logged without a step is counted on from the one after `step`, at which the run was forked.
    pub(crate) fn count_after(&self, step: Step) {
        self.step.store(step.0.wrapping_add(1), Ordering::Relaxed);
    }

    /// The training goes on after `step`.
    pub(crate) fn resume_after(&self, step: Step) {
        let next = step.0.wrapping_add(1);
        self.step.store(next, Ordering::Relaxed);
        self.resumed.store(next, Ordering::Relaxed);
    }

    /// The step that begins after a log call without a step of its own; `None` where an adapter says when
    /// steps begin.
    pub(crate) fn begins_after_log(&self) -> Option<Step> {
        let is_announced = self.announced.load(Ordering::Acquire);
        (!is_announced).then(|| Step(self.step.load(Ordering::Relaxed)))
    }

    pub(crate) fn for_next_log(&self) -> Step {
        if self.announced.load(Ordering::Acquire) {
            Step(self.step.load(Ordering::Relaxed))
        } else {
            Step(self.step.fetch_add(1, Ordering::Relaxed))
        }
    }
}
