//! The tracker that keeps everything in memory, for tests.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;

use crate::{
    Definition, Error, Event, FinishHook, Media, MetricId, MetricName, Outcome, Point, Problem,
    Report, Step, Timestamp, Tracker, TrackerInstance, Writer,
    event::problems::Problems,
    tracker::{finish_hook::FinishHooks, report::Table},
    value::summary::Accumulator,
};

/// All points count as one writer's.
const WRITER: Writer = Writer { rank: 0, attempt: 1 };

/// Keeps all that is logged in memory, for tests of code that logs. Clones share one memory.
///
/// It grows with every point: use it in tests only.
///
/// ```
/// use tracker_core::{MemoryTracker, Tracker, TrackerExt, metrics};
///
/// let tracker = MemoryTracker::new();
/// tracker.log_at(0, metrics! { "loss" => 0.5 });
/// assert_eq!(tracker.series("loss"), [(0.into(), 0.5)]);
/// ```
#[derive(Debug, Clone)]
pub struct MemoryTracker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    instance: TrackerInstance,
    memory: Mutex<Memory>,
    problems: Problems,
    finish_hooks: FinishHooks,
}

#[derive(Debug, Default)]
struct Memory {
    names: Vec<String>,
    indices: HashMap<String, u32>,
    points: Vec<(u32, Step, Timestamp, f64)>,
    events: Vec<Event>,
    step: Option<Step>,
    requests: crate::Requests,
    report: Option<Report>,
}

impl MemoryTracker {
    /// An empty tracker.
    pub fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                instance: TrackerInstance::unique(),
                memory: Mutex::default(),
                problems: Problems::default(),
                finish_hooks: FinishHooks::default(),
            }),
        }
    }

    /// The names of all metrics, in the order in which they were first used.
    pub fn names(&self) -> Vec<String> {
        self.shared.memory.lock().names.clone()
    }

    /// The points of one metric in the order of the calls; empty for an unknown name.
    pub fn series(&self, metric: &str) -> Vec<(Step, f64)> {
        let memory = self.shared.memory.lock();
        let Some(index) = memory.indices.get(MetricName::new(metric).as_str()) else {
            return Vec::new();
        };
        let of_metric = memory.points.iter().filter(|(of, ..)| of == index);
        of_metric.map(|(_, step, _, value)| (*step, *value)).collect()
    }

    /// All points in the order of the calls, with their metric's name.
    pub fn points(&self) -> Vec<(String, Step, Timestamp, f64)> {
        let memory = self.shared.memory.lock();
        let named = |(index, step, time, value): &(u32, Step, Timestamp, f64)| {
            (memory.names[*index as usize].clone(), *step, *time, *value)
        };
        memory.points.iter().map(named).collect()
    }

    /// All events but problems, in the order of the calls.
    pub fn events(&self) -> Vec<Event> {
        self.shared.memory.lock().events.clone()
    }

    /// The media of one name in the order of the calls, each with its step; what is to be made
    /// [later](Media::Later) is not made.
    ///
    /// ```
    /// use tracker_core::{Image, Media, MemoryTracker, TrackerExt};
    ///
    /// # fn main() -> tracker_core::Result<()> {
    /// let tracker = MemoryTracker::new();
    /// tracker.log_media("samples", 7_u64, Image::gray8(1, 1, vec![255])?);
    /// assert!(matches!(tracker.media("samples")[0].1[..], [Media::Image(_)]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn media(&self, name: &str) -> Vec<(Step, Vec<Media>)> {
        let of_name = |event: &Event| match event {
            Event::Media { name: of, step, items } if of == name => Some((*step, items.clone())),
            _ => None,
        };
        self.shared.memory.lock().events.iter().filter_map(of_name).collect()
    }

    /// All problems by kind, with their counts.
    pub fn problems(&self) -> Vec<Problem> {
        self.shared.problems.all()
    }

    /// The step that an adapter last announced.
    pub fn step(&self) -> Option<Step> {
        self.shared.memory.lock().step
    }

    /// How the training ended; `None` before `finish`.
    pub fn outcome(&self) -> Option<Outcome> {
        self.shared.memory.lock().report.as_ref().map(|report| report.outcome.clone())
    }

    /// Asks the training for something, as somebody outside would.
    pub fn request(&self, requests: crate::Requests) {
        self.shared.memory.lock().requests = requests;
    }

    fn problem(&self, problem: Problem) {
        self.shared.problems.add(problem);
    }
}

impl Default for MemoryTracker {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    fn table(&self) -> Table {
        let mut sums: HashMap<u32, Accumulator> = HashMap::new();
        for (seq, (metric, step, _, value)) in (0..).zip(&self.points) {
            let point = Accumulator::of(*value, step.0, WRITER, seq);
            sums.entry(*metric).and_modify(|sum| sum.merge(&point)).or_insert(point);
        }
        let definition = |name: &str| {
            let mut known = Definition::new();
            for event in &self.events {
                if let Event::Define { metric, definition } = event
                    && metric == name
                {
                    known.merge(definition.clone());
                }
            }
            known
        };
        let row = |(index, sum): (u32, Accumulator)| {
            let name = self.names[index as usize].clone();
            let definition = definition(&name);
            (name, (sum.summary(Some(&definition)), definition))
        };
        sums.into_iter().map(row).collect()
    }
}

impl Tracker for MemoryTracker {
    fn metric_id(&self, name: &str) -> MetricId {
        let name = MetricName::new(name);
        if name.was_repaired() {
            self.problem(Problem::repaired_name(name.as_str()));
        }
        let mut memory = self.shared.memory.lock();
        let next = u32::try_from(memory.names.len()).unwrap_or(u32::MAX);
        let index = *memory.indices.entry(name.as_str().to_owned()).or_insert(next);
        if index == next {
            memory.names.push(name.as_str().to_owned());
        }
        MetricId::new(self.shared.instance, index)
    }

    fn write(&self, points: &[Point]) {
        let mut memory = self.shared.memory.lock();
        for point in points {
            let index = point.metric.index_in(self.shared.instance);
            let Some(index) = index.filter(|index| (*index as usize) < memory.names.len()) else {
                self.problem(Problem::foreign_metric());
                continue;
            };
            if memory.report.is_some() {
                self.problem(Problem::after_finish());
                continue;
            }
            let time = point.time.unwrap_or_else(Timestamp::now);
            memory.points.push((index, point.step, time, point.value));
        }
    }

    fn record(&self, event: Event) {
        match event {
            Event::Problem(problem) => self.problem(problem),
            other => self.shared.memory.lock().events.push(other),
        }
    }

    fn advance(&self, step: Step) {
        self.shared.memory.lock().step = Some(step);
    }

    fn requests(&self) -> crate::Requests {
        self.shared.memory.lock().requests
    }

    fn flush(&self, _: Duration) -> Result<(), Error> {
        Ok(())
    }

    fn before_finish(&self, adapter: Weak<dyn FinishHook>) {
        self.shared.finish_hooks.add(adapter);
    }

    fn finish(&self, outcome: Outcome) -> Result<Report, Error> {
        self.shared.finish_hooks.call(&outcome);
        let mut memory = self.shared.memory.lock();
        if let Some(report) = &memory.report {
            return Ok(report.clone());
        }
        let mut report = Report::empty(outcome);
        report.points = memory.points.len() as u64;
        report.table = memory.table();
        report.problems = self.shared.problems.all();
        memory.report = Some(report.clone());
        Ok(report)
    }
}

impl From<&MemoryTracker> for Arc<dyn Tracker> {
    fn from(tracker: &MemoryTracker) -> Self {
        Arc::new(tracker.clone())
    }
}

impl From<MemoryTracker> for Arc<dyn Tracker> {
    fn from(tracker: MemoryTracker) -> Self {
        Arc::new(tracker)
    }
}
