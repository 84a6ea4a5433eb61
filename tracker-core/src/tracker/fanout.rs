//! One tracker that passes everything on to several.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::{
    Error, Event, FinishHook, MetricId, Outcome, Point, Problem, Report, Requests, RunContext,
    Step, Tracker, TrackerInstance, tracker::finish_hook::FinishHooks,
};

/// Passes all that is logged on to several trackers, in their order.
///
/// ```
/// use std::sync::Arc;
/// use tracker_core::{Fanout, MemoryTracker, Tracker, TrackerExt, metrics};
///
/// let (first, second) = (MemoryTracker::new(), MemoryTracker::new());
/// let both = Fanout::new([(&first).into(), (&second).into()]);
/// both.log_at(0, metrics! { "loss" => 0.5 });
/// assert_eq!(first.series("loss"), second.series("loss"));
/// ```
#[derive(Debug)]
pub struct Fanout {
    instance: TrackerInstance,
    children: Vec<Arc<dyn Tracker>>,
    metrics: RwLock<Metrics>,
    finish_hooks: FinishHooks,
}

/// Which ids the children gave for each metric: those of metric `i` start at `i * children`.
#[derive(Debug, Default)]
struct Metrics {
    indices: HashMap<String, u32>,
    ids: Vec<MetricId>,
}

impl Fanout {
    /// A tracker that passes on to `children`.
    pub fn new(children: impl IntoIterator<Item = Arc<dyn Tracker>>) -> Self {
        Self {
            instance: TrackerInstance::unique(),
            children: children.into_iter().collect(),
            metrics: RwLock::default(),
            finish_hooks: FinishHooks::default(),
        }
    }

    fn all<T>(&self, call: impl Fn(&dyn Tracker) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        let results: Vec<_> = self.children.iter().map(|child| call(&**child)).collect();
        let (oks, errors): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        let mut errors: Vec<_> = errors.into_iter().filter_map(Result::err).collect();
        match errors.len() {
            0 => Ok(oks.into_iter().filter_map(Result::ok).collect()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Several { errors }),
        }
    }
}

impl Tracker for Fanout {
    fn enabled(&self) -> bool {
        self.children.iter().any(Tracker::enabled)
    }

    fn metric_id(&self, name: &str) -> MetricId {
        if let Some(index) = self.metrics.read().indices.get(name) {
            return MetricId::new(self.instance, *index);
        }
        let mut metrics = self.metrics.write();
        let next = u32::try_from(metrics.indices.len()).unwrap_or(u32::MAX);
        let index = *metrics.indices.entry(name.to_owned()).or_insert(next);
        if index == next {
            metrics.ids.extend(self.children.iter().map(|child| child.metric_id(name)));
        }
        MetricId::new(self.instance, index)
    }

    fn write(&self, points: &[Point]) {
        let metrics = self.metrics.read();
        let ids_of = |point: &Point| {
            let index = point.metric.index_in(self.instance)? as usize;
            let start = index.checked_mul(self.children.len())?;
            metrics.ids.get(start..start + self.children.len())
        };
        let foreign = points.iter().filter(|point| ids_of(point).is_none()).count();
        for (number, child) in self.children.iter().enumerate() {
            let translated: SmallVec<[Point; 16]> = points
                .iter()
                .filter_map(|point| Some(Point { metric: ids_of(point)?[number], ..*point }))
                .collect();
            child.write(&translated);
        }
        drop(metrics);
        if foreign > 0 {
            let count = foreign as u64;
            self.record(Event::Problem(Problem { count, ..Problem::foreign_metric() }));
        }
    }

    fn record(&self, event: Event) {
        for child in &self.children {
            child.record(event.clone());
        }
    }

    fn advance(&self, step: Step) {
        for child in &self.children {
            child.advance(step);
        }
    }

    /// The most urgent of the children's requests.
    fn requests(&self) -> Requests {
        let stops = self.children.iter().map(|child| child.requests().stop);
        Requests::stop(stops.max().unwrap_or_default())
    }

    /// The first child's folder that exists.
    fn directory(&self) -> Option<&Path> {
        self.children.iter().find_map(|child| child.directory())
    }

    /// The first child's run that exists.
    fn context(&self) -> Option<&dyn RunContext> {
        self.children.iter().find_map(|child| child.context())
    }

    /// The children call the adapter too: the user may finish one of them before this.
    fn before_finish(&self, adapter: Weak<dyn FinishHook>) {
        for child in &self.children {
            child.before_finish(Weak::clone(&adapter));
        }
        self.finish_hooks.add(adapter);
    }

    fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.all(|child| child.flush(timeout)).map(drop)
    }

    /// Finishes every child, also after one has failed. The report is the first enabled child's,
    /// with the problems of all.
    ///
    /// # Errors
    /// The children's errors, all of them.
    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        self.finish_hooks.call(&outcome);
        let reports = self.all(|child| child.finish(outcome.clone()))?;
        let problems = reports.iter().flat_map(|report| report.problems.clone()).collect();
        let first = self.children.iter().zip(&reports).find(|(child, _)| child.enabled());
        let mut report = first.map_or_else(|| Report::empty(outcome), |(_, report)| report.clone());
        report.problems = problems;
        Ok(report)
    }
}

impl From<Fanout> for Arc<dyn Tracker> {
    fn from(tracker: Fanout) -> Self {
        Arc::new(tracker)
    }
}
