//! The contract that everything which takes metrics fulfils.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use crate::{
    Error, Event, FinishHook, IntoMedia, IntoMetrics, Knob, MetricId, Outcome, Point, Report,
    Requests, RunContext, Step,
};

/// Takes the metrics of one training: what adapters and users log to.
///
/// [`Run`](crate::Run) stores them, [`NoopTracker`](crate::NoopTracker) drops them,
/// [`MemoryTracker`](crate::MemoryTracker) keeps them for tests and [`Fanout`](crate::Fanout)
/// passes them on to several trackers. Your own tracker implements the five methods without a
/// default and passes the conformance suite in `tracker_core::testing` (feature `testing`).
///
/// # What an implementor promises
///
/// - **Infallible.** [`metric_id`](Self::metric_id), [`write`](Self::write), [`record`](Self::record)
///   and [`advance`](Self::advance) never panic and never fail. Trouble is counted, told once per
///   kind, and returned by [`finish`](Self::finish).
/// - **Bounded.** The same calls take a bounded time and never wait for a disk or a network.
///   What cannot be taken in time is dropped and counted.
/// - **Thread-safe.** All calls may come from any thread at any time, also while another thread
///   calls `finish` and after it. Points written after `finish` are counted, not stored.
/// - **In order.** The points of one thread are kept in the order of its calls. Nothing is
///   dropped or merged because of its step: steps may repeat and come in any order.
/// - **Exact.** A value keeps its bits: `NaN`, infinities and `-0.0` included.
///
/// # Use
///
/// A tracker is shared as `Arc<dyn Tracker>`; adapters take `impl Into<Arc<dyn Tracker>>`.
/// Conveniences stand in [`TrackerExt`], which every tracker has.
pub trait Tracker: Send + Sync + fmt::Debug {
    /// Whether anything is done with what is logged. An adapter that sees `false` skips all work
    /// for tracking, first of all reading values back from a GPU. The answer never changes.
    fn enabled(&self) -> bool {
        true
    }

    /// The id under which points of the metric `name` are written.
    ///
    /// The same name gives the same id. A name that cannot be kept is repaired and counted, see
    /// [`MetricName`](crate::MetricName). The call may take a lock: ask once and keep the id.
    fn metric_id(&self, name: &str) -> MetricId;

    /// Takes points, all or, where some must be dropped, as many as possible.
    ///
    /// The points of one call, up to 1,024, stay together, and all of them in order. A point whose
    /// id another tracker gave is counted and dropped.
    fn write(&self, points: &[Point]);

    /// Takes what is no scalar: a definition, a text, a message, a problem.
    fn record(&self, event: Event);

    /// Says where training stands: `step` is the global optimizer step. Logging without a step
    /// of its own uses it from then on.
    fn advance(&self, step: Step) {
        let _ = step;
    }

    /// What somebody outside the training asks of it. Adapters look once a batch.
    fn requests(&self) -> Requests {
        Requests::default()
    }

    /// The folder for files that belong to the run, if the tracker has one. It exists.
    fn directory(&self) -> Option<&Path> {
        None
    }

    /// The stored run behind the tracker, if there is one. Adapters learn from it where a training
    /// goes on. A tracker that wraps a run gives the run's.
    fn context(&self) -> Option<&dyn RunContext> {
        None
    }

    /// Lets an adapter that holds values back log them before the run is finished. A tracker calls
    /// it at the beginning of the first [`finish`](Self::finish), if it is still there; one that wraps
    /// another tracker passes it on.
    fn before_finish(&self, adapter: Weak<dyn FinishHook>) {
        let _ = adapter;
    }

    /// Waits until all that was logged before the call can be read by others, `timeout` at most.
    ///
    /// # Errors
    /// If something could not be saved, or not in time. The run goes on.
    fn flush(&self, timeout: Duration) -> Result<(), Error>;

    /// Ends the run. Works while other handles are alive; a second call changes nothing and
    /// returns the same report.
    ///
    /// # Errors
    /// If not all that was logged could be saved. Lesser troubles stand in the report.
    fn finish(&self, outcome: Outcome) -> Result<Report, Error>;
}

/// Conveniences that every [`Tracker`] has. Nobody else implements this trait.
pub trait TrackerExt: Tracker {
    /// Logs several metrics at one step.
    ///
    /// ```
    /// use tracker_core::{MemoryTracker, TrackerExt, metrics};
    ///
    /// let tracker = MemoryTracker::new();
    /// tracker.log_at(7, metrics! { "loss" => 0.5_f32, "accuracy" => 0.9 });
    /// assert_eq!(tracker.series("loss"), [(7.into(), 0.5)]);
    /// ```
    fn log_at(&self, step: impl Into<Step>, metrics: impl IntoMetrics) {
        crate::tracker::metric_handle::write_metrics(self, step.into(), metrics);
    }

    /// Sets the unit, the direction or the display name of a metric.
    fn define(&self, metric: &str, definition: crate::Definition) {
        self.record(Event::Define { metric: metric.to_owned(), definition });
    }

    /// Declares a number that people may change while the training goes on: that of the run behind the
    /// tracker, see [`Run::knob`](crate::Run::knob). Without a run, its value is the default and stays so.
    ///
    /// ```
    /// use tracker_core::{MemoryTracker, TrackerExt};
    ///
    /// let lr = MemoryTracker::new().knob("lr", 1e-3).bounds(1e-6..=0.1);
    /// assert_eq!(lr.get(), 1e-3);
    /// ```
    fn knob(&self, name: &str, default: f64) -> Knob {
        match self.context() {
            Some(run) => run.knob(name, default),
            None => Knob::fixed(name, default),
        }
    }

    /// Logs pictures, tables, plots or files at a step: one, a vector or an array of 64 at most. They are
    /// encoded and stored where no training step waits for it.
    ///
    /// ```
    /// use tracker_core::{Image, MemoryTracker, TrackerExt};
    ///
    /// # fn main() -> tracker_core::Result<()> {
    /// # let tracker = MemoryTracker::new();
    /// let image = Image::gray8(2, 1, vec![0, 255])?.caption("7 → 1");
    /// tracker.log_media("samples", 7_u64, image);
    /// # Ok(())
    /// # }
    /// ```
    fn log_media(&self, name: &str, step: impl Into<Step>, media: impl IntoMedia) {
        if self.enabled() {
            let (name, step) = (name.to_owned(), step.into());
            self.record(Event::Media { name, step, items: media.into_media() });
        }
    }
}

impl<T: Tracker + ?Sized> TrackerExt for T {}

impl<T: Tracker + ?Sized> Tracker for Arc<T> {
    fn enabled(&self) -> bool {
        (**self).enabled()
    }
    fn metric_id(&self, name: &str) -> MetricId {
        (**self).metric_id(name)
    }
    fn write(&self, points: &[Point]) {
        (**self).write(points);
    }
    fn record(&self, event: Event) {
        (**self).record(event);
    }
    fn advance(&self, step: Step) {
        (**self).advance(step);
    }
    fn requests(&self) -> Requests {
        (**self).requests()
    }
    fn directory(&self) -> Option<&Path> {
        (**self).directory()
    }
    fn context(&self) -> Option<&dyn RunContext> {
        (**self).context()
    }
    fn before_finish(&self, adapter: Weak<dyn FinishHook>) {
        (**self).before_finish(adapter);
    }
    fn flush(&self, timeout: Duration) -> Result<(), Error> {
        (**self).flush(timeout)
    }
    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        (**self).finish(outcome)
    }
}
