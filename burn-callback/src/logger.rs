//! The metric logger: what Burn measures becomes points of the run.

use std::{collections::BTreeMap, sync::Arc};

use burn::train::{
    logger::MetricLogger,
    metric::{
        MetricDefinition, MetricId as BurnId, NumericEntry, SerializedEntry,
        store::{EpochSummary, MetricsUpdate, Split},
    },
};
use tracker_core::{Definition, Direction, Event, MetricId, Point, Problem, Step, Tracker};

use crate::{
    checkpoints::{EpochValues, Score},
    probe::{Batch, Probe, Sign},
    reads::{self, Reads},
    series::{Catalog, Place, Series},
    session::Session,
    split::{Reading, SplitBatches, StepValues},
};

/// Burn's name of the metric by which its default strategy finds the best checkpoint.
const LOSS: &str = "Loss";

/// Writes the values of each optimizer step and of each epoch.
///
/// Burn calls it on the thread of its event store. It only hands points on, never fails and never
/// panics.
pub(crate) struct RunMetricLogger {
    session: Arc<Session>,
    probe: BurnId,
    catalog: Catalog,
    reads: Reads,
    train: SplitBatches,
    valid: SplitBatches,
    step: u64,
    own: OwnMetrics,
    epoch: EpochSoFar,
}

impl RunMetricLogger {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            probe: Probe::id(),
            catalog: Catalog::new(),
            reads: Reads::default(),
            train: SplitBatches::default(),
            valid: SplitBatches::default(),
            step: 0,
            own: OwnMetrics::default(),
            epoch: EpochSoFar::default(),
        }
    }

    fn take(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, epoch: usize, split: &Split) {
        let place = match split {
            Split::Train => Place::Train,
            Split::Valid => Place::Valid,
            Split::Test(_) => return,
        };
        self.remember(update, epoch, split);
        match self.sign(update) {
            Some(Sign::Batch(batch)) => self.take_batch(tracker, update, batch, place),
            Some(Sign::End { complete }) => {
                self.take_end(tracker, update, End { epoch, place, complete });
            }
            None => tracker.record(Event::Problem(Problem::new(
                "values-without-step",
                format!("values of epoch {epoch} came without their step and were not logged"),
                "call `.track(&run)` on the training itself, and register no metric named `Step`",
            ))),
        }
    }

    /// What the probe said in this update.
    fn sign(&self, update: &MetricsUpdate) -> Option<Sign> {
        let entry = update.entries.iter().find(|entry| entry.metric_id == self.probe)?;
        Sign::read(&entry.serialized_entry)
    }

    fn is_batch(&self, update: &MetricsUpdate) -> bool {
        matches!(self.sign(update), Some(Sign::Batch(_)))
    }

    /// Keeps what Burn may ask back.
    fn remember(&mut self, update: &MetricsUpdate, epoch: usize, split: &Split) {
        for numeric in &update.entries_numeric {
            let index = self.catalog.index(&numeric.entry.metric_id);
            let series = index.and_then(|index| self.catalog.get(index));
            if let (Some(series), Some(entry)) = (series, &numeric.numeric_entry) {
                self.reads.add(&series.burn_name, epoch, split, entry);
            }
        }
    }

    fn readings(&self, update: &MetricsUpdate) -> Vec<Reading> {
        let reading = |numeric: &burn::train::metric::store::NumericMetricUpdate| {
            let series = self.catalog.index(&numeric.entry.metric_id)?;
            let entry = numeric.numeric_entry.as_ref()?;
            Some(Reading { series, value: entry.current(), count: reads::count(entry) })
        };
        update.entries_numeric.iter().filter_map(reading).collect()
    }

    fn take_batch(
        &mut self,
        tracker: &dyn Tracker,
        update: &MetricsUpdate,
        batch: Batch,
        place: Place,
    ) {
        let readings = self.readings(update);
        if place == Place::Valid {
            self.valid.add(batch.items, &readings);
            return;
        }
        for step in self.train.train(batch, readings).into_iter().flatten() {
            self.write_step(tracker, &step);
        }
    }

    fn write_step(&mut self, tracker: &dyn Tracker, values: &StepValues) {
        let StepValues { batch, values } = values;
        self.step = batch.step;
        let mut points = Vec::with_capacity(values.len() + 2);
        for (index, value) in values {
            if let Some(series) = self.catalog.get_mut(*index) {
                let id = series.id(Place::Batch, tracker);
                points.push(Point::new(id, batch.step, series.stored(*value)));
            }
        }
        if batch.items > 0 {
            let id = self.own.items(tracker);
            points.push(Point::new(id, batch.step, batch.items as f64));
        }
        if let Some(rate) = batch.learning_rate {
            let id = self.own.learning_rate(tracker);
            points.push(Point::new(id, batch.step, rate));
        }
        write(tracker, &points);
    }

    /// The end of a split. What was cut short has the values of its steps, but no epoch value: it
    /// would stand beside those of whole epochs.
    fn take_end(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, end: End) {
        if let Some(step) = self.train.close() {
            self.write_step(tracker, &step);
        }
        if end.complete {
            self.write_epoch(tracker, update, end);
            self.write_texts(tracker, update, end.place);
        }
        self.split(end.place).clear();
    }

    fn split(&mut self, place: Place) -> &mut SplitBatches {
        if place == Place::Valid { &mut self.valid } else { &mut self.train }
    }

    fn write_epoch(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, end: End) {
        if !self.split(end.place).any() {
            return;
        }
        let mut points = Vec::with_capacity(update.entries_numeric.len() + 1);
        for numeric in &update.entries_numeric {
            let Some(index) = self.catalog.index(&numeric.entry.metric_id) else { continue };
            let Some(NumericEntry::Final(burn)) = &numeric.numeric_entry else { continue };
            let value = self.split(end.place).epoch_value(index, *burn);
            if let Some(series) = self.catalog.get_mut(index) {
                let id = series.id(end.place, tracker);
                points.push(Point::new(id, self.step, series.stored(value)));
                self.epoch.add(series, end.place, series.stored(value), *burn);
            }
        }
        if end.place == Place::Train {
            let id = self.own.epoch(tracker);
            points.push(Point::new(id, self.step, end.epoch as f64));
        }
        write(tracker, &points);
    }

    /// Metrics that have only words, such as a confusion matrix, once an epoch.
    fn write_texts(&self, tracker: &dyn Tracker, update: &MetricsUpdate, place: Place) {
        for entry in &update.entries {
            if entry.metric_id == self.probe || entry.serialized_entry.is_not_available() {
                continue;
            }
            let Some(index) = self.catalog.index(&entry.metric_id) else { continue };
            let Some(series) = self.catalog.get(index) else { continue };
            let SerializedEntry { formatted, .. } = &entry.serialized_entry;
            tracker.record(Event::Text {
                name: series.path(place),
                step: Step(self.step),
                text: formatted.clone(),
            });
        }
    }
}

/// Which split ended.
#[derive(Debug, Clone, Copy)]
struct End {
    epoch: usize,
    place: Place,
    complete: bool,
}

impl MetricLogger for RunMetricLogger {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        let session = Arc::clone(&self.session);
        session.guarded("metric logger", |tracker| self.take(tracker, &update, epoch, split));
        if self.is_batch(&update) {
            session.batch_logged();
        }
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        Ok(self.reads.of(name, epoch, split))
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        let session = Arc::clone(&self.session);
        session.guarded("metric logger", |_| {
            if definition.metric_id != self.probe {
                self.catalog.define(&definition);
            }
        });
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if summary.split != Split::Valid {
            return;
        }
        let session = Arc::clone(&self.session);
        session.guarded("metric logger", |_| {
            let ended = std::mem::take(&mut self.epoch);
            if let Some(checkpoints) = session.checkpoints() {
                checkpoints.epoch_ended(ended.values(summary.epoch_number, self.step));
            }
        });
    }
}

/// The values of an epoch that has yet to end, for its checkpoint.
#[derive(Debug, Default)]
struct EpochSoFar {
    metrics: BTreeMap<String, f64>,
    loss: Option<Score>,
    first: Option<Score>,
}

impl EpochSoFar {
    /// `burn` is Burn's own value, by which its strategies decide which checkpoint is best.
    fn add(&mut self, series: &Series, place: Place, value: f64, burn: f64) {
        self.metrics.insert(series.path(place), value);
        if place != Place::Valid {
            return;
        }
        let direction = series.definition.direction.unwrap_or(Direction::Lower);
        let score = Score { value: burn, direction };
        if series.burn_name == LOSS {
            self.loss = Some(Score { direction: Direction::Lower, ..score });
        }
        self.first.get_or_insert(score);
    }

    fn values(self, epoch: usize, step: u64) -> EpochValues {
        let Self { metrics, loss, first } = self;
        EpochValues { epoch: epoch as u64, step: Step(step), metrics, score: loss.or(first) }
    }
}

/// The metrics that the adapter itself measures, known to the tracker from their first value on.
#[derive(Debug, Default)]
struct OwnMetrics {
    items: Option<MetricId>,
    learning_rate: Option<MetricId>,
    epoch: Option<MetricId>,
}

impl OwnMetrics {
    fn items(&mut self, tracker: &dyn Tracker) -> MetricId {
        *self.items.get_or_insert_with(|| {
            let definition = Definition::new().display_name("Batch size");
            define(tracker, Place::Batch.path("items"), definition)
        })
    }

    fn learning_rate(&mut self, tracker: &dyn Tracker) -> MetricId {
        *self.learning_rate.get_or_insert_with(|| {
            let definition = Definition::new().display_name("Learning rate");
            define(tracker, "learning_rate".to_owned(), definition)
        })
    }

    fn epoch(&mut self, tracker: &dyn Tracker) -> MetricId {
        *self.epoch.get_or_insert_with(|| {
            let definition = Definition::new().display_name("Epoch");
            define(tracker, "epoch".to_owned(), definition)
        })
    }
}

fn write(tracker: &dyn Tracker, points: &[Point]) {
    if !points.is_empty() {
        tracker.write(points);
    }
}

fn define(tracker: &dyn Tracker, metric: String, definition: Definition) -> MetricId {
    let id = tracker.metric(&metric);
    tracker.record(Event::Define { metric, definition });
    id
}
