//! Writes what was measured as points and histograms of the run.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tracker_core::{
    Definition, Event, Histogram, MetricId, Point, Problem, Step, Timestamp, Tracker,
};

use crate::watch::{
    reduce::Statistics,
    sample::{Reading, Sample},
};

/// Writes the samples of one model. It lives on the watcher's thread.
#[derive(Debug)]
pub(crate) struct Writer {
    tracker: Arc<dyn Tracker>,
    /// Whether histograms are wanted.
    histograms: bool,
    ids: HashMap<String, MetricId>,
    /// What had a value that is no number. Its counts are written from then on, zeros too.
    troubled: HashSet<String>,
}

/// Whether a value is of a gradient or of a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Gradients,
    Parameters,
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Gradients => "gradients",
            Self::Parameters => "parameters",
        }
    }

    fn norm_name(self) -> &'static str {
        match self {
            Self::Gradients => "Gradient norm",
            Self::Parameters => "Weight norm",
        }
    }
}

/// Where in the run a sample stands, and what is to be written of it.
struct Row {
    step: Step,
    time: Timestamp,
    points: Vec<Point>,
}

impl Row {
    fn push(&mut self, metric: MetricId, value: f64) {
        self.points.push(Point { metric, step: self.step, time: Some(self.time), value });
    }
}

impl Writer {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, histograms: bool) -> Self {
        Self { tracker, histograms, ids: HashMap::new(), troubled: HashSet::new() }
    }

    /// Waits for the sample's devices, and writes it at `base` steps beyond its own.
    pub(crate) fn write(&mut self, sample: Sample, base: u64) {
        let step = Step(base + sample.step);
        let mut row = Row { step, time: sample.time, points: Vec::new() };
        let readings = match sample.read() {
            Ok(readings) => readings,
            Err(error) => return self.problem(not_read(step, &error.to_string())),
        };
        for section in [Section::Gradients, Section::Parameters] {
            self.section(&mut row, section, &readings);
        }
        self.tracker.write(&row.points);
    }

    fn section(&mut self, row: &mut Row, section: Section, readings: &[Reading]) {
        let mut squares = 0.0;
        for reading in readings {
            let statistics = match section {
                Section::Gradients => &reading.gradient,
                Section::Parameters => &reading.weight,
            };
            squares += statistics.norm * statistics.norm;
            let name = format!("{}/{}", section.name(), reading.path);
            self.tensor(row, section, &name, statistics);
        }
        if !readings.is_empty() {
            let id = self.norm(section);
            row.push(id, squares.sqrt());
        }
    }

    fn tensor(&mut self, row: &mut Row, section: Section, name: &str, of: &Statistics) {
        let id = self.id(format!("{name}/norm"));
        row.push(id, of.norm);
        let trouble = of.nan + of.infinite;
        if trouble > 0 && self.troubled.insert(name.to_owned()) && section == Section::Gradients {
            self.problem(not_finite(name, trouble, row.step));
        }
        if self.troubled.contains(name) {
            for (kind, count) in [("nan", of.nan), ("infinite", of.infinite)] {
                let id = self.id(format!("{name}/{kind}"));
                row.push(id, count as f64);
            }
        }
        if self.histograms {
            let (min, max) = of.limits;
            let histogram = Histogram::new(min, max, of.counts.clone()).not_finite(trouble);
            let name = name.to_owned();
            self.tracker.record(Event::Histogram { name, step: row.step, histogram });
        }
    }

    fn id(&mut self, name: String) -> MetricId {
        let tracker = &self.tracker;
        *self.ids.entry(name).or_insert_with_key(|name| tracker.metric(name))
    }

    /// The norm over all parameters.
    fn norm(&mut self, section: Section) -> MetricId {
        let metric = format!("{}/norm", section.name());
        if !self.ids.contains_key(&metric) {
            let definition = Definition::new().display_name(section.norm_name());
            self.tracker.record(Event::Define { metric: metric.clone(), definition });
        }
        self.id(metric)
    }

    fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }
}

fn not_finite(name: &str, count: u64, step: Step) -> Problem {
    Problem::new(
        "gradient-not-finite",
        format!("`{name}` has {count} values that are NaN or infinite at step {step}"),
        "lower the learning rate, clip the gradients, or look for a division by zero or a log of 0",
    )
}

fn not_read(step: Step, error: &str) -> Problem {
    Problem::new(
        "watch-not-read",
        format!("gradients and weights of step {step} could not be read: {error}"),
        "the values of this step are missing; training goes on",
    )
}
