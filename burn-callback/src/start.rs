//! Where the steps and the epochs of a training begin in its run.
//!
//! A watched model counts its own optimizer steps from 0, and a loader that shuffles by epochs how
//! often it was gone over. A resumed run goes on at a later step and epoch, which are only known when
//! the training starts. Until then, who needs them waits.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tracker_core::RunId;

use crate::per_run::PerRun;

/// The first steps and the first epochs that wait for the training of their run.
static STEPS: PerRun<Start> = PerRun::new();
static EPOCHS: PerRun<Start> = PerRun::new();

/// The first number of a training, once it is known.
#[derive(Debug, Default)]
pub(crate) struct Start {
    first: Mutex<Option<u64>>,
    known: Condvar,
}

/// The first step of the next training of `run`. Whoever asks before it starts gets the same one.
pub(crate) fn pending_step(run: &RunId) -> Arc<Start> {
    STEPS.of(run, Start::default)
}

/// The first epoch, from 1, of the next training of `run`.
pub(crate) fn pending_epoch(run: &RunId) -> Arc<Start> {
    EPOCHS.of(run, Start::default)
}

/// A training of `run` starts, with this optimizer step and this epoch.
pub(crate) fn begin(run: &RunId, step: u64, epoch: u64) {
    for (pending, first) in [(&STEPS, step), (&EPOCHS, epoch)] {
        for start in pending.take(run) {
            start.settle(first);
        }
    }
}

impl Start {
    /// One that is known from the beginning.
    pub(crate) fn known(first: u64) -> Arc<Self> {
        Arc::new(Self { first: Mutex::new(Some(first)), known: Condvar::new() })
    }

    /// The first one, if it is known by now.
    pub(crate) fn get(&self) -> Option<u64> {
        *self.lock()
    }

    /// Sets the first one, unless it is known.
    pub(crate) fn settle(&self, first: u64) {
        self.lock().get_or_insert(first);
        self.known.notify_all();
    }

    /// Waits until the first one is known. After `timeout` it is what `fallback` says: nobody trains
    /// with a learner that tells where it starts.
    pub(crate) fn wait(&self, timeout: Duration, fallback: impl FnOnce() -> u64) -> u64 {
        let unknown = |first: &mut Option<u64>| first.is_none();
        let waited = self.known.wait_timeout_while(self.lock(), timeout, unknown);
        let (mut first, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *first.get_or_insert_with(fallback)
    }

    fn lock(&self) -> MutexGuard<'_, Option<u64>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_waits_for_the_training_of_its_own_run() {
        let (run, other) = (RunId::generate(), RunId::generate());
        let (step, epoch) = (pending_step(&run), pending_epoch(&run));
        begin(&other, 7, 2);
        assert_eq!((step.get(), epoch.get()), (None, None));
        begin(&run, 300, 4);
        begin(&run, 400, 1);
        assert_eq!((step.get(), epoch.get()), (Some(300), Some(4)), "the first training decides");
        assert_eq!(pending_step(&run).get(), None, "the next training has its own");
    }

    #[test]
    fn without_a_training_the_fallback_counts() {
        let offset = pending_step(&RunId::generate());
        assert_eq!(offset.wait(Duration::from_millis(1), || 12), 12);
        offset.settle(5);
        assert_eq!(offset.get(), Some(12), "what was written stays consistent");
    }

    #[test]
    fn models_of_one_run_share_the_offset() {
        let run = RunId::generate();
        let (generator, critic) = (pending_step(&run), pending_step(&run));
        begin(&run, 9, 1);
        assert_eq!((generator.get(), critic.get()), (Some(9), Some(9)));
    }
}
