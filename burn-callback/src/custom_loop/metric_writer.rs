//! Names, points, and the means of an epoch or an evaluation.

use std::{collections::HashMap, sync::Arc};

use tracker_core::{Definition, Event, MetricId, Point, Problem, Step, Timestamp, Tracker};

use crate::custom_loop::step_values::{HostValues, Phase};

/// Writes values under their names, and defines a metric with its first value.
#[derive(Debug)]
pub(crate) struct MetricWriter {
    tracker: Arc<dyn Tracker>,
    ids: HashMap<String, MetricId>,
}

/// Points of one step on their way into one call.
#[derive(Debug)]
pub(crate) struct Row {
    step: Step,
    time: Timestamp,
    points: Vec<Point>,
}

impl Row {
    pub(crate) fn new(step: Step, time: Timestamp) -> Self {
        Self { step, time, points: Vec::new() }
    }
}

impl MetricWriter {
    pub(crate) fn new(tracker: Arc<dyn Tracker>) -> Self {
        Self { tracker, ids: HashMap::new() }
    }

    pub(crate) fn add(&mut self, row: &mut Row, metric: &str, value: f64) {
        let id = self.id(metric);
        row.points.push(Point { metric: id, step: row.step, time: Some(row.time), value });
    }

    pub(crate) fn write(&self, row: &Row) {
        if !row.points.is_empty() {
            self.tracker.write(&row.points);
        }
    }

    pub(crate) fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }

    /// Writes the values of a training batch.
    pub(crate) fn batch(&mut self, values: &HostValues) {
        let Phase::Training(step, time) = values.phase else { return };
        let mut row = Row::new(step, time);
        if let Some(loss) = values.loss {
            self.add(&mut row, "batch/train/loss", loss);
        }
        if let Some((correct, answers)) = values.correct {
            self.add(&mut row, "batch/train/accuracy", correct / answers.max(1) as f64);
        }
        if values.items > 0 {
            self.add(&mut row, "batch/train/items", values.items as f64);
        }
        if let Some(rate) = values.learning_rate {
            self.add(&mut row, "learning_rate", rate);
        }
        self.write(&row);
    }

    fn id(&mut self, metric: &str) -> MetricId {
        if let Some(id) = self.ids.get(metric) {
            return *id;
        }
        let id = self.tracker.metric_id(metric);
        self.tracker
            .record(Event::Define { metric: metric.to_owned(), definition: definition(metric) });
        self.ids.insert(metric.to_owned(), id);
        id
    }
}

/// What is known of a metric by the last part of its name.
pub(crate) fn definition(metric: &str) -> Definition {
    let new = Definition::new();
    match metric.rsplit('/').next().unwrap_or(metric) {
        "loss" => new.display_name("Loss").lower_is_better(),
        "accuracy" => new.display_name("Accuracy").unit("%").higher_is_better(),
        "items" => new.display_name("Batch size"),
        "learning_rate" => new.display_name("Learning rate"),
        "epoch" => new.display_name("Epoch"),
        "epoch_seconds" => new.display_name("Epoch time").unit("s"),
        "items_per_second" => new.display_name("Training speed"),
        _ => new,
    }
}

/// The means over an epoch or an evaluation, weighted by the sizes of the batches. All sums are
/// f64.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Means {
    loss: Mean,
    accuracy: Mean,
    pub(crate) items: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn value(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

impl Means {
    pub(crate) fn add(&mut self, values: &HostValues) {
        // Batches of unknown sizes all weigh the same.
        let weight = values.items.max(1) as f64;
        if let Some(loss) = values.loss {
            self.loss.sum += loss * weight;
            self.loss.weight += weight;
        }
        if let Some((correct, answers)) = values.correct {
            self.accuracy.sum += correct;
            self.accuracy.weight += answers as f64;
        }
        self.items += values.items;
    }

    /// The means by name.
    pub(crate) fn named(&self, section: &str) -> Vec<(String, f64)> {
        let of =
            |name: &str, mean: Mean| mean.value().map(|mean| (format!("{section}/{name}"), mean));
        [of("loss", self.loss), of("accuracy", self.accuracy)].into_iter().flatten().collect()
    }
}
