//! Handles that write one metric: the hot path.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::{Event, IntoMetrics, MetricId, MetricVisitor, Point, Problem, Scalar, Step, Tracker};

/// A handle that logs one metric. Cheap to clone; keep it where nanoseconds count.
///
/// ```no_run
/// # fn main() -> Result<(), tracker_core::Error> {
/// let run = tracker_core::init("mnist").start()?;
/// let loss = run.metric("train/loss");
/// for step in 0..1_000_u64 {
///     loss.log(step, 1.0 / (step + 1) as f64);
/// }
/// run.finish()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MetricHandle {
    tracker: Arc<dyn Tracker>,
    id: MetricId,
}

impl MetricHandle {
    /// A handle for the metric `name` of any tracker.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tracker_core::{MemoryTracker, MetricHandle};
    ///
    /// let loss = MetricHandle::new(Arc::new(MemoryTracker::new()), "train/loss");
    /// loss.log(0, 2.3);
    /// ```
    pub fn new(tracker: Arc<dyn Tracker>, name: &str) -> Self {
        let id = tracker.metric_id(name);
        Self { tracker, id }
    }

    /// Logs a value at a step. Never fails and never waits for a disk.
    pub fn log(&self, step: impl Into<Step>, value: impl Scalar) {
        self.tracker.write(&[self.point(step, value)]);
    }

    /// A point of this metric, to write several in one call of [`Tracker::write`].
    pub fn point(&self, step: impl Into<Step>, value: impl Scalar) -> Point {
        Point::new(self.id, step, value.to_f64())
    }

    /// The metric's id in its tracker.
    pub fn id(&self) -> MetricId {
        self.id
    }
}

/// Writes named values at one step, in one call of `write`.
pub(crate) fn write_metrics<T: Tracker + ?Sized>(
    tracker: &T,
    step: Step,
    metrics: impl IntoMetrics,
) {
    if !tracker.enabled() {
        return;
    }
    let mut collected = Collected { tracker, step, points: SmallVec::new() };
    metrics.visit(&mut collected);
    tracker.write(&collected.points);
}

/// Points on their way into one call of `write`; more than a few go to the heap.
struct Collected<'a, T: Tracker + ?Sized> {
    tracker: &'a T,
    step: Step,
    points: SmallVec<[Point; 8]>,
}

impl<T: Tracker + ?Sized> MetricVisitor for Collected<'_, T> {
    fn value(&mut self, name: &str, value: f64) {
        self.points.push(Point::new(self.tracker.metric_id(name), self.step, value));
    }

    fn skip(&mut self, name: &str, reason: &'static str) {
        let problem = if name.is_empty() {
            Problem::new(
                "value-without-name",
                format!("{reason} was logged without a metric name at step {}", self.step),
                "write `run.log(metrics! { \"loss\" => value })`",
            )
        } else {
            Problem::new(
                "not-a-number",
                format!("`{name}` is {reason} and was not logged at step {}", self.step),
                "log numbers as metrics; put words into the config or log them as a text",
            )
        };
        self.tracker.record(Event::Problem(problem));
    }
}
