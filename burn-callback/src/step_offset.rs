//! Where the steps of a training begin in its run.
//!
//! A watched model counts its own optimizer steps from 0. A resumed run goes on at a later step,
//! which is only known when the training starts. Until then, what was measured waits for its offset.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tracker_core::RunId;

use crate::per_run::PerRun;

/// The offsets that wait for the training of their run.
static PENDING: PerRun<StepOffset> = PerRun::new();

/// The step of the run at which a training begins, once it is known.
#[derive(Debug, Default)]
pub(crate) struct StepOffset {
    first_step: Mutex<Option<u64>>,
    known: Condvar,
}

/// The offset of the next training of `run`. Whoever asks before it starts gets the same one.
pub(crate) fn pending(run: &RunId) -> Arc<StepOffset> {
    PENDING.of(run, StepOffset::default)
}

/// A training of `run` starts; its first optimizer step is `first_step`.
pub(crate) fn begin(run: &RunId, first_step: u64) {
    for offset in PENDING.take(run) {
        offset.settle(first_step);
    }
}

impl StepOffset {
    /// An offset that is known from the beginning.
    pub(crate) fn known(first_step: u64) -> Arc<Self> {
        Arc::new(Self { first_step: Mutex::new(Some(first_step)), known: Condvar::new() })
    }

    /// The first step, if it is known by now.
    pub(crate) fn get(&self) -> Option<u64> {
        *self.lock()
    }

    /// Sets the first step, unless it is known.
    pub(crate) fn settle(&self, first_step: u64) {
        self.lock().get_or_insert(first_step);
        self.known.notify_all();
    }

    /// Waits until the first step is known. After `timeout` it is `fallback`: the model is
    /// trained without a learner that says where it starts.
    pub(crate) fn wait(&self, timeout: Duration, fallback: u64) -> u64 {
        let unknown = |first: &mut Option<u64>| first.is_none();
        let waited = self.known.wait_timeout_while(self.lock(), timeout, unknown);
        let (mut first_step, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *first_step.get_or_insert(fallback)
    }

    fn lock(&self) -> MutexGuard<'_, Option<u64>> {
        self.first_step.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_waits_for_the_training_of_its_own_run() {
        let (run, other) = (RunId::generate(), RunId::generate());
        let offset = pending(&run);
        begin(&other, 7);
        assert_eq!(offset.get(), None);
        begin(&run, 300);
        begin(&run, 400);
        assert_eq!(offset.get(), Some(300), "the first training decides");
        assert_eq!(pending(&run).get(), None, "the next training has its own");
    }

    #[test]
    fn without_a_training_the_fallback_counts() {
        let offset = pending(&RunId::generate());
        assert_eq!(offset.wait(Duration::from_millis(1), 12), 12);
        offset.settle(5);
        assert_eq!(offset.get(), Some(12), "what was written stays consistent");
    }

    #[test]
    fn models_of_one_run_share_the_offset() {
        let run = RunId::generate();
        let (generator, critic) = (pending(&run), pending(&run));
        begin(&run, 9);
        assert_eq!((generator.get(), critic.get()), (Some(9), Some(9)));
    }
}
