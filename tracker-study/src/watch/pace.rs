//! How often the values of a training are read.

use std::time::{Duration, Instant};

/// The longest time between two readings.
const LONGEST: Duration = Duration::from_secs(1);

/// What part of the time between two values may pass until the next one is seen.
const PART: u32 = 5;

/// When values of a training were read, and how far they lie apart: one that logs a value a minute is read less often than
/// one that logs ten a second, since a reading costs the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    read: Option<Instant>,
    last_value: Instant,
    between_values: Duration,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { read: None, last_value: now, between_values: Duration::ZERO }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        let since = |earlier| now.saturating_duration_since(earlier);
        let apart = self.between_values.max(since(self.last_value));
        self.read.is_none_or(|read| since(read) >= LONGEST.min(apart / PART))
    }

    /// Remembers a reading that found so many values.
    pub(super) fn has_read(&mut self, now: Instant, values: usize) {
        self.read = Some(now);
        if let Ok(values @ 1..) = u32::try_from(values) {
            self.between_values = now.saturating_duration_since(self.last_value) / values;
            self.last_value = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a training is read within a minute of two looks a second, that logs a value each so many milliseconds.
    fn readings(between: u64) -> usize {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let (mut seen, mut readings) = (0, 0);
        for look in 0..120_u64 {
            let now = start + Duration::from_millis(500 * look);
            if pace.is_due(now) {
                let logged = 500 * look / between;
                pace.has_read(now, usize::try_from(logged - seen).unwrap_or_default());
                (seen, readings) = (logged, readings + 1);
            }
        }
        readings
    }

    #[test]
    fn who_logs_often_is_read_at_each_look_and_who_logs_seldom_once_a_second() {
        assert_eq!(readings(100), 120);
        assert_eq!(readings(1_000), 120);
        assert!((60..=66).contains(&readings(60_000)), "{}", readings(60_000));
    }
}
