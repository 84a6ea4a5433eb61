//! The time between optimizer steps.

use tracker_core::{Timestamp, adapter::recorder::StepClock};

/// How many times wait for the offset of their steps at most.
const MOST_WAITING: usize = 4_096;

/// Takes the time of each optimizer step.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    clock: StepClock,
    waiting: Vec<StepTime>,
}

/// How long one step took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepTime {
    /// The step, counted from 0 by the model.
    pub(crate) step: u64,
    /// When it ended.
    pub(crate) time: Timestamp,
    pub(crate) seconds: f64,
}

impl Clock {
    /// The optimizer takes `step` now.
    pub(crate) fn step(&mut self, step: u64) {
        let Some(seconds) = self.clock.step() else { return };
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push(StepTime { step, time: Timestamp::now(), seconds });
        }
    }

    /// Something else than training begins: the time until the next step is not the step's.
    pub(crate) fn interrupt(&mut self) {
        self.clock.interrupt();
    }

    /// The times that were taken and not given out yet.
    pub(crate) fn take(&mut self) -> Vec<StepTime> {
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_given_out_once_with_their_steps() {
        let mut clock = Clock::default();
        for step in 0..3 {
            clock.step(step);
        }
        clock.interrupt();
        clock.step(3);
        clock.step(4);
        let steps: Vec<_> = clock.take().into_iter().map(|taken| taken.step).collect();
        assert_eq!(steps, [1, 2, 4]);
        assert_eq!(clock.take().len(), 0);
    }
}
