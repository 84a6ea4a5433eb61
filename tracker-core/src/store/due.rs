//! What is done now and then.

use std::time::{Duration, Instant};

/// Something to do at most once an interval, and only if marked.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) interval: Duration,
    last: Instant,
    marked: bool,
}

impl Due {
    pub(crate) fn every(interval: Duration) -> Self {
        Self { interval, last: Instant::now(), marked: false }
    }

    pub(crate) fn mark(&mut self) {
        self.marked = true;
    }

    pub(crate) fn take(&mut self) -> bool {
        if !self.marked || self.last.elapsed() < self.interval {
            return false;
        }
        self.marked = false;
        self.last = Instant::now();
        true
    }
}
