//! How long a step takes.

use std::time::Instant;

/// Measures from the end of one step to the end of the next, with the wait for data between them.
/// On a GPU that is the time of the host, which is that of the work as soon as its queue is full.
#[derive(Debug, Default)]
pub struct StepClock {
    since: Option<Instant>,
}

impl StepClock {
    /// A step begins now.
    pub fn start(&mut self) {
        self.since = Some(Instant::now());
    }

    /// Something else begins, such as an evaluation: its time is not that of a step.
    pub fn interrupt(&mut self) {
        self.since = None;
    }

    /// A step ends, and the next one begins. Gives the seconds that it took; `None` if nobody knows
    /// when it began.
    pub fn step(&mut self) -> Option<f64> {
        let now = Instant::now();
        self.since.replace(now).map(|since| (now - since).as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::StepClock;

    #[test]
    fn a_step_after_something_else_has_no_time() {
        let mut clock = StepClock::default();
        assert!(clock.step().is_none());
        assert!(clock.step().is_some());
        clock.interrupt();
        assert!(clock.step().is_none());
        clock.interrupt();
        clock.start();
        assert!(clock.step().is_some());
    }
}
