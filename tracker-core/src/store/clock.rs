//! The time of points: wall clock at the start of the run plus the time that has passed since.

use std::time::Duration;

use crate::{Timestamp, platform::clock::SystemClock};

/// A clock that starts at the wall clock's time and never runs backwards, also when the wall
/// clock is set back meanwhile. It counts the time that the machine sleeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started_at: Timestamp,
    /// What the system's clock showed then, in microseconds.
    started: i64,
    system: SystemClock,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let system = SystemClock::sleepless();
        Self { started_at: Timestamp::now(), started: system.micros(), system }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.started_at.0.wrapping_add(self.system.micros() - self.started))
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_micros((self.system.micros() - self.started).unsigned_abs())
    }
}
