//! How soon the writer thread looks at a ring again.

use std::time::Duration;

use crate::Mode;

/// How soon the writer thread looks at a ring again.
#[derive(Debug)]
pub(crate) struct Pace {
    pub(crate) pause: Duration,
    /// The pause while points arrive: what a killed process loses, if its ring goes with it.
    shortest: Duration,
    /// The pause it grows to while none arrive.
    longest: Duration,
    /// The least time between two summaries.
    pub(crate) summary: Duration,
}

impl Pace {
    pub(crate) fn of(mode: Mode) -> Self {
        let (shortest, longest, summary) = match mode {
            // Nothing is lost with the process, and readers look into the ring themselves.
            Mode::Mapped => (20, 100, 1_000),
            _ => (2, 50, 5_000),
        };
        let millis = Duration::from_millis;
        Self {
            pause: millis(shortest),
            shortest: millis(shortest),
            longest: millis(longest),
            summary: millis(summary),
        }
    }

    pub(crate) fn is_fast(&self) -> bool {
        self.pause <= self.shortest
    }

    pub(crate) fn speed_up(&mut self) {
        self.pause = self.shortest;
    }

    pub(crate) fn slow_down(&mut self) {
        self.pause = (self.pause.max(self.shortest) * 2).min(self.longest);
    }
}
