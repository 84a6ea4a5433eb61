//! Rows of a training whose framework measures it.

use std::collections::BTreeMap;

use crate::{
    Definition, Event, Step, Tracker,
    adapter::recorder::{
        learning_rate::LearningRate,
        naming::Naming,
        points::Points,
        problem,
        row::StepTime,
        series::{OtherSeries, Series, TrainingSeries},
    },
};

/// Which part of an epoch a value is of: how its name begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// A step: `batch/train/`.
    Batch,
    /// The training part of an epoch: `train/`.
    Train,
    /// The validation of an epoch: `valid/`.
    Valid,
}

impl Section {
    /// The full name of the metric `name` in this section.
    pub fn path(self, name: &str) -> String {
        match self {
            Self::Batch => format!("batch/train/{name}"),
            Self::Train => format!("train/{name}"),
            Self::Valid => format!("valid/{name}"),
        }
    }
}

/// What a framework measured in a step.
#[derive(Debug, Clone, Copy)]
pub struct MeasuredStep<'a> {
    /// How many items it took; 0 if nobody told.
    pub items: u64,
    /// Its learning rates: the first of all parameters, the others of groups of them.
    pub learning_rates: &'a [f64],
}

/// Writes the steps and epochs of a training whose framework makes the values of both itself, and tells
/// when one is over: Burn's learner.
///
/// Where values are only heard of, by a thread that comes after the training, there is no loop to record.
/// What is logged where, and under which names, is the same as of a [`Recorder`](super::Recorder).
#[derive(Debug)]
pub struct MeasuredRows {
    naming: Naming,
    metrics: Vec<OtherSeries>,
    training: TrainingSeries,
    learning_rates: Vec<LearningRate>,
    /// Those of a training that goes on, by metric.
    before: BTreeMap<String, f64>,
}

impl MeasuredRows {
    /// Rows that go to `tracker`.
    pub fn new(tracker: &dyn Tracker) -> Self {
        let naming = Naming::of(tracker);
        Self {
            metrics: Vec::new(),
            training: TrainingSeries::new(&naming),
            learning_rates: Vec::new(),
            before: BTreeMap::new(),
            naming,
        }
    }

    /// Goes on with these learning rates, by metric: they are logged where they change from here on.
    pub fn go_on_with(&mut self, learning_rates: BTreeMap<String, f64>) {
        self.before = learning_rates;
    }

    /// The full name of a metric: that of a process that joined a run begins with its rank.
    pub fn full_name(&self, metric: &str) -> String {
        self.naming.name(metric)
    }

    /// Logs a step. `values` are metrics by name; `group` names the groups of parameters that have learning
    /// rates of their own, the first by 0.
    pub fn step<'a>(
        &mut self,
        tracker: &dyn Tracker,
        step: u64,
        measured: MeasuredStep<'_>,
        values: impl IntoIterator<Item = (&'a str, &'a Definition, f64)>,
        group: impl Fn(usize) -> Option<String>,
    ) {
        let mut points = Points::new(StepTime::now(step));
        for (name, definition, value) in values {
            self.value(tracker, (name, definition), Section::Batch, value, &mut points);
            if name == "loss" && !value.is_finite() {
                let name = self.full_name(&Section::Batch.path(name));
                tracker.record(Event::Problem(problem::loss_not_finite(&name, value, Step(step))));
            }
        }
        if measured.items > 0 {
            points.add(tracker, &mut self.training.batch_items, measured.items as f64);
        }
        for (index, rate) in measured.learning_rates.iter().enumerate() {
            if self.learning_rates.len() <= index {
                let group = index.checked_sub(1).and_then(&group);
                let name = group.map_or_else(
                    || "learning_rate".to_owned(),
                    |group| format!("learning_rate/{group}"),
                );
                // What a group is called says nothing of its rate.
                let series = Series::defined(&self.naming, &name, Definition::new());
                let before = self.before.get(series.name()).copied();
                let mut rate = LearningRate::new(series);
                if let Some(before) = before {
                    rate.restore(before);
                }
                self.learning_rates.push(rate);
            }
            self.learning_rates[index].take(tracker, *rate, &mut points);
        }
        points.write(tracker);
    }

    /// Logs what the framework says of the training or of the validation of an epoch, and its number
    /// beside the training's.
    pub fn epoch<'a>(
        &mut self,
        tracker: &dyn Tracker,
        section: Section,
        step: u64,
        number: f64,
        values: impl IntoIterator<Item = (&'a str, &'a Definition, f64)>,
    ) {
        let mut points = Points::new(StepTime::now(step));
        for (name, definition, value) in values {
            self.value(tracker, (name, definition), section, value, &mut points);
        }
        if section == Section::Train {
            for rate in &mut self.learning_rates {
                rate.end_epoch_when_told(tracker, &mut points);
            }
            points.add(tracker, &mut self.training.epoch, number);
        }
        points.write(tracker);
    }

    fn value(
        &mut self,
        tracker: &dyn Tracker,
        (name, definition): (&str, &Definition),
        section: Section,
        value: f64,
        points: &mut Points,
    ) {
        // A training has a handful of metrics: looking at each is quicker than hashing.
        let found = self.metrics.iter().position(|metric| metric.name == name);
        let at = found.unwrap_or(self.metrics.len());
        if found.is_none() {
            let definition = Some(definition.clone());
            self.metrics.push(OtherSeries::new(&self.naming, name, definition));
        }
        let metric = &mut self.metrics[at];
        let series = match section {
            Section::Batch => &mut metric.batch,
            Section::Train => &mut metric.epoch,
            Section::Valid => metric.in_scope(0, "valid"),
        };
        points.add(tracker, series, value);
    }
}
