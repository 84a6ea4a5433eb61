//! When to try again after the disk refused.

use std::time::{Duration, Instant};

const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// When to try again after the disk refused.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    at: Option<Instant>,
    pause: Duration,
}

impl Retry {
    pub(crate) fn is_waiting(&self) -> bool {
        self.at.is_some_and(|at| Instant::now() < at)
    }

    pub(crate) fn later(&mut self) {
        self.pause = (self.pause * 2).clamp(FIRST_RETRY, LAST_RETRY);
        self.at = Some(Instant::now() + self.pause);
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}
