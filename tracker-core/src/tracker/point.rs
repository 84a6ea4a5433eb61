//! Points, and the ids of their metrics.

use crate::{Step, Timestamp};

/// One value of one metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Which metric.
    pub metric: MetricId,
    /// Where in training.
    pub step: Step,
    /// When; `None` means at the time of the call that writes it.
    pub time: Option<Timestamp>,
    /// The value, with all its bits.
    pub value: f64,
}

impl Point {
    /// A point whose time is that of the call which writes it.
    pub fn new(metric: MetricId, step: impl Into<Step>, value: f64) -> Self {
        Self { metric, step: step.into(), time: None, value }
    }
}

/// A metric of one tracker: the tracker's instance and the metric's index in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MetricId {
    tracker: TrackerInstance,
    index: u32,
}

impl MetricId {
    /// The id of the metric with this index in this tracker. For implementors of [`Tracker`](crate::Tracker).
    pub fn new(tracker: TrackerInstance, index: u32) -> Self {
        Self { tracker, index }
    }

    /// The metric's index in `tracker`; `None` if another tracker gave the id.
    pub fn index_in(self, tracker: TrackerInstance) -> Option<u32> {
        (self.tracker == tracker).then_some(self.index)
    }
}

/// Tells the trackers of a process apart, so that an id is never taken for another tracker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TrackerInstance(u32);

impl TrackerInstance {
    /// An instance that no other tracker of this process has.
    pub fn unique() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
