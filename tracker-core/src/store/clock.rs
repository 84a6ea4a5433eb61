//! The time of points: wall clock at the start of the run plus monotonic time since.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Timestamp;

/// A clock that starts at the wall clock's time and never runs backwards, also when the wall
/// clock is set back meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started_at: Timestamp,
    /// What the monotonic clock showed then, in microseconds.
    started: i64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started_at: Timestamp::now(), started: monotonic_micros() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.started_at.0.wrapping_add(monotonic_micros() - self.started))
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_micros((monotonic_micros() - self.started).unsigned_abs())
    }
}

/// On the hot path, where `Instant` with its checked arithmetic takes a fifth longer.
fn monotonic_micros() -> i64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}
