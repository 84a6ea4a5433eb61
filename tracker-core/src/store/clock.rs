//! The time of points: wall clock at the start of the run plus monotonic time since.

use std::time::{Duration, Instant};

use crate::Timestamp;

/// A clock that starts at the wall clock's time and never runs backwards.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started_at: Timestamp,
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started_at: Timestamp::now(), started: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = self.started.elapsed();
        let micros = elapsed.as_secs() as i64 * 1_000_000 + i64::from(elapsed.subsec_micros());
        Timestamp(self.started_at.0.saturating_add(micros))
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
