//! The tracker that does nothing.

use std::{sync::Arc, time::Duration};

use crate::{Error, Event, MetricId, Outcome, Point, Report, Tracker, TrackerInstance};

/// Drops all that is logged, at the cost of a call that returns.
///
/// ```
/// use tracker_core::{NoopTracker, Tracker};
///
/// assert!(!NoopTracker::new().enabled());
/// ```
#[derive(Debug, Clone)]
pub struct NoopTracker {
    instance: TrackerInstance,
}

impl NoopTracker {
    /// A tracker that does nothing.
    pub fn new() -> Self {
        Self { instance: TrackerInstance::unique() }
    }
}

impl Default for NoopTracker {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracker for NoopTracker {
    fn enabled(&self) -> bool {
        false
    }

    fn metric_id(&self, _: &str) -> MetricId {
        MetricId::new(self.instance, 0)
    }

    fn write(&self, _: &[Point]) {}

    fn record(&self, _: Event) {}

    fn flush(&self, _: Duration) -> Result<(), Error> {
        Ok(())
    }

    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        Ok(Report::empty(outcome))
    }
}

impl From<NoopTracker> for Arc<dyn Tracker> {
    fn from(tracker: NoopTracker) -> Self {
        Arc::new(tracker)
    }
}
