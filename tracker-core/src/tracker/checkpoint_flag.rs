//! How often a checkpoint was asked for, and whether anybody listens.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a run's writer thread and its training know of requests for a checkpoint.
#[derive(Debug, Default)]
pub(crate) struct CheckpointFlag {
    asked: AtomicU64,
    listening: AtomicBool,
}

impl CheckpointFlag {
    /// Asks for one more.
    pub(crate) fn ask(&self) {
        self.asked.fetch_add(1, Ordering::Release);
    }

    /// How many were asked for, told to the training, which listens from now on.
    pub(crate) fn answer(&self) -> u64 {
        if !self.listening.load(Ordering::Relaxed) {
            self.listening.store(true, Ordering::Release);
        }
        self.asked.load(Ordering::Acquire)
    }

    pub(crate) fn is_heard(&self) -> bool {
        self.listening.load(Ordering::Acquire)
    }
}
