//! Writes what was measured of a model as points, histograms and problems of the run.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
    sync::Arc,
};

use crate::{
    Definition, Event, Histogram, MetricId, Point, Problem, Step, Timestamp, Tracker,
    adapter::{Statistics, WatchOptions, recorder::Naming},
};

/// One parameter of a model in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchedTensor {
    /// Its path in the model, such as `encoder.0.weight`.
    pub name: Arc<str>,
    /// What the optimizer got; `None` if it got nothing.
    pub gradient: Option<Statistics>,
    /// The weights before the step.
    pub parameter: Statistics,
    /// The norm of the change that the step made; `None` if that is not known.
    pub update: Option<f64>,
}

/// Writes the samples of one model.
///
/// | metric | what |
/// |---|---|
/// | `gradients/<name>/norm`, `parameters/<name>/norm` | the norm of each parameter |
/// | `gradients/norm`, `parameters/norm` | over all parameters of the sample |
/// | `gradients/<name>`, `parameters/<name>` | histograms, if wanted |
/// | `…/nan`, `…/infinite` | from the first such value on, how many there are |
/// | `updates/<name>/ratio`, `updates/ratio` | the norm of the change by that of the weights before, if known |
///
/// Weights that were all 0 have no ratio. A [model with a name](WatchOptions::model) has it before those
/// of its parameters: `gradients/<model>/norm`.
#[derive(Debug)]
pub struct WatchLog {
    tracker: Arc<dyn Tracker>,
    naming: Naming,
    /// The model's part of the names, with a slash, if it has a name.
    model: String,
    histograms: bool,
    gradient_total: bool,
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

    fn of(self, tensor: &WatchedTensor) -> Option<&Statistics> {
        match self {
            Self::Gradients => tensor.gradient.as_ref(),
            Self::Parameters => Some(&tensor.parameter),
        }
    }
}

/// Where in the run a sample stands, and the points that are to be written of it.
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

impl WatchLog {
    /// Writes to `tracker`, with histograms if the options ask for them.
    pub fn new(tracker: Arc<dyn Tracker>, options: &WatchOptions) -> Self {
        let histograms = options.bins() > 0;
        let model = options.model_name().map(|name| format!("{name}/")).unwrap_or_default();
        let naming = Naming::of(&*tracker);
        let (ids, troubled) = Default::default();
        Self { tracker, naming, model, histograms, gradient_total: true, ids, troubled }
    }

    /// Leaves out `gradients/norm`, where the adapter itself logs that of all gradients.
    #[must_use]
    pub fn without_gradient_total(mut self) -> Self {
        self.gradient_total = false;
        self
    }

    /// Writes what was measured at a step.
    pub fn write(&mut self, step: Step, time: Timestamp, tensors: &[WatchedTensor]) {
        let mut row = Row { step, time, points: Vec::new() };
        for section in [Section::Gradients, Section::Parameters] {
            self.section(&mut row, section, tensors);
        }
        self.updates(&mut row, tensors);
        self.tracker.write(&row.points);
    }

    fn section(&mut self, row: &mut Row, section: Section, tensors: &[WatchedTensor]) {
        let mut squares = None;
        for tensor in tensors {
            let Some(statistics) = section.of(tensor) else { continue };
            *squares.get_or_insert(0.0) += statistics.norm * statistics.norm;
            let name = self.name(section.name(), &tensor.name);
            self.tensor(row, section, &name, statistics);
        }
        let is_wanted = section == Section::Parameters || self.gradient_total;
        if let Some(squares) = squares.filter(|_| is_wanted) {
            let id = self.defined(&self.name(section.name(), "norm"), section.norm_name());
            row.push(id, squares.sqrt());
        }
    }

    fn tensor(&mut self, row: &mut Row, section: Section, name: &str, of: &Statistics) {
        let id = self.id(format!("{name}/norm"));
        row.push(id, of.norm);
        let trouble = of.nan + of.infinite;
        if trouble > 0 && self.troubled.insert(name.to_owned()) && section == Section::Gradients {
            self.tracker.record(Event::Problem(not_finite(name, trouble, row.step)));
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

    fn updates(&mut self, row: &mut Row, tensors: &[WatchedTensor]) {
        let mut squares = (0.0, 0.0);
        let mut is_known = false;
        for tensor in tensors {
            let (Some(update), before) = (tensor.update, tensor.parameter.norm) else { continue };
            squares = (squares.0 + update * update, squares.1 + before * before);
            is_known = true;
            if let Some(ratio) = ratio(update, before) {
                let name = self.name("updates", &tensor.name);
                let id = self.id(format!("{name}/ratio"));
                row.push(id, ratio);
            }
        }
        let ratio = ratio(f64::sqrt(squares.0), f64::sqrt(squares.1));
        if let Some(ratio) = ratio.filter(|_| is_known) {
            let id = self.defined(&self.name("updates", "ratio"), "Update by weight");
            row.push(id, ratio);
        }
    }

    fn name(&self, section: &str, of: &str) -> String {
        self.naming.name(&format!("{section}/{}{of}", self.model))
    }

    fn id(&mut self, name: String) -> MetricId {
        let tracker = &self.tracker;
        *self.ids.entry(name).or_insert_with_key(|name| tracker.metric_id(name))
    }

    /// A metric over all parameters, with a name for people.
    fn defined(&mut self, metric: &str, display_name: &str) -> MetricId {
        if let Some(id) = self.ids.get(metric) {
            return *id;
        }
        let definition = Definition::new().display_name(display_name);
        self.tracker.record(Event::Define { metric: metric.to_owned(), definition });
        self.id(metric.to_owned())
    }
}

/// A change in relation to what was changed; `None` if that was 0.
fn ratio(update: f64, before: f64) -> Option<f64> {
    (before != 0.0).then(|| update / before)
}

/// What was computed of a model at a step cannot be read from its device.
pub fn watch_not_read(step: Step, error: &dyn Display) -> Problem {
    Problem::new(
        "watch-not-read",
        format!("gradients and weights of step {step} could not be read: {error}"),
        "the values of this step are missing; training goes on",
    )
}

fn not_finite(name: &str, count: u64, step: Step) -> Problem {
    let values = if count == 1 { "value that is" } else { "values that are" };
    Problem::new(
        "gradient-not-finite",
        format!("`{name}` has {count} {values} NaN or infinite at step {step}"),
        "lower the learning rate, clip the gradients, or look for a division by zero or a log of 0",
    )
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::MemoryTracker;

    fn statistics(norm: f64) -> Statistics {
        Statistics { limits: (0.0, 1.0), norm, counts: vec![1, 2], ..Statistics::default() }
    }

    fn tensor(
        name: &str,
        gradient: Option<f64>,
        weight: f64,
        update: Option<f64>,
    ) -> WatchedTensor {
        let (gradient, parameter) = (gradient.map(statistics), statistics(weight));
        WatchedTensor { name: name.into(), gradient, parameter, update }
    }

    fn written(options: &WatchOptions, samples: &[&[WatchedTensor]]) -> MemoryTracker {
        let tracker = MemoryTracker::new();
        let mut log = WatchLog::new(Arc::new(tracker.clone()), options);
        for (step, tensors) in samples.iter().enumerate() {
            log.write((step as u64).into(), Timestamp::now(), tensors);
        }
        tracker
    }

    fn last(tracker: &MemoryTracker, metric: &str) -> Option<f64> {
        tracker.series(metric).last().map(|(_, value)| *value)
    }

    #[test]
    fn norms_of_parts_and_of_the_whole_are_written() {
        let sample =
            [tensor("a", Some(3.0), 6.0, Some(0.6)), tensor("b", Some(4.0), 8.0, Some(0.8))];
        let tracker = written(&WatchOptions::new(), &[&sample]);
        for (metric, value) in [
            ("gradients/a/norm", 3.0),
            ("gradients/b/norm", 4.0),
            ("gradients/norm", 5.0),
            ("parameters/b/norm", 8.0),
            ("parameters/norm", 10.0),
            ("updates/a/ratio", 0.1),
            ("updates/ratio", 0.1),
        ] {
            assert!((last(&tracker, metric).unwrap() - value).abs() < 1e-12, "{metric}");
        }
        let is_histogram = |event: &&Event| matches!(event, Event::Histogram { .. });
        assert_eq!(tracker.events().iter().filter(is_histogram).count(), 4);
        assert_eq!(tracker.problems(), []);
    }

    #[test]
    fn without_a_gradient_only_the_weights_are_written() {
        let options = WatchOptions::new().histogram_bins(0);
        let tracker = written(&options, &[&[tensor("a", None, 2.0, None)]]);
        assert_eq!(tracker.names(), ["parameters/a/norm", "parameters/norm"]);
        assert!(!tracker.events().iter().any(|event| matches!(event, Event::Histogram { .. })));
        assert_eq!(written(&options, &[&[]]).names(), [""; 0]);
    }

    #[test]
    fn a_ratio_is_0_without_a_change_and_missing_where_there_was_nothing() {
        let still = tensor("still", Some(1.0), 2.0, Some(0.0));
        let new = tensor("new", Some(1.0), 0.0, Some(1.0));
        let tracker = written(&WatchOptions::new(), &[&[still, new.clone()], &[new]]);
        assert_eq!(tracker.series("updates/still/ratio"), [(0.into(), 0.0)]);
        assert_eq!(tracker.series("updates/new/ratio"), []);
        assert_eq!(tracker.series("updates/ratio"), [(0.into(), 0.5)]);
    }

    #[test]
    fn values_that_are_no_numbers_are_counted_from_the_first_on() {
        let good = tensor("a", Some(1.0), 1.0, None);
        let mut bad = good.clone();
        if let Some(gradient) = &mut bad.gradient {
            (gradient.nan, gradient.infinite, gradient.norm) = (2, 1, f64::NAN);
        }
        let samples: [&[WatchedTensor]; 3] = [from_ref(&good), from_ref(&bad), from_ref(&good)];
        let tracker = written(&WatchOptions::new(), &samples);
        assert_eq!(tracker.series("gradients/a/nan"), [(1.into(), 2.0), (2.into(), 0.0)]);
        assert_eq!(tracker.series("gradients/a/infinite"), [(1.into(), 1.0), (2.into(), 0.0)]);
        let [problem] = &tracker.problems()[..] else { panic!("one problem") };
        assert!(
            problem.message.contains("`gradients/a` has 3") && problem.message.contains("step 1")
        );
    }
}
