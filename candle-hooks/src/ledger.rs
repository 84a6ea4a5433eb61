//! Turns what was measured into points: one row a step, one an evaluation, one an epoch.

use std::sync::Arc;

use tracker_core::{
    Event, MetricId, Point, Step, Timestamp, Tracker,
    progress::{Progress, ProgressMode},
};

use crate::{
    mean::Mean,
    measured::{Means, Measured},
    problem,
    row::{OptimizerIndex, Place, Row},
    series::{OptimizerSeries, ScopeSeries, Shown, TrainingSeries},
};

/// Writes points, and keeps the sums of the epoch. All values that it gets have arrived.
#[derive(Debug)]
pub(crate) struct Ledger {
    tracker: Arc<dyn Tracker>,
    progress: Progress,
    training: TrainingSeries,
    optimizers: Vec<OptimizerLedger>,
    scopes: Vec<ScopeSeries>,
    /// Evaluations at a step at which more may follow.
    held: Vec<Evaluation>,
    epoch: Option<EpochSums>,
}

#[derive(Debug)]
struct OptimizerLedger {
    name: Option<String>,
    series: OptimizerSeries,
    /// The loss of the epoch.
    loss: Mean,
    learning_rate: Option<f64>,
    /// Where the learning rate was last logged.
    logged_at: Option<Step>,
}

#[derive(Debug, Default)]
struct EpochSums {
    accuracy: Mean,
    items: u64,
    /// What evaluations at the epoch's end gave, to show.
    evaluated: Vec<Shown>,
}

#[derive(Debug)]
struct Evaluation {
    scope: usize,
    place: Place,
    means: Means,
}

/// How an epoch went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EpochEnd {
    pub(crate) number: f64,
    pub(crate) place: Place,
    pub(crate) seconds: f64,
    /// The part of the time in which batches ran.
    pub(crate) training_seconds: f64,
}

impl OptimizerLedger {
    fn new(name: Option<String>) -> Self {
        let series = name.as_deref().map_or_else(OptimizerSeries::owner, OptimizerSeries::named);
        Self { name, series, loss: Mean::default(), learning_rate: None, logged_at: None }
    }
}

impl Ledger {
    pub(crate) fn new(tracker: Arc<dyn Tracker>) -> Self {
        Self {
            tracker,
            progress: Progress::from_env(),
            training: TrainingSeries::new(),
            optimizers: vec![OptimizerLedger::new(None)],
            scopes: Vec::new(),
            held: Vec::new(),
            epoch: None,
        }
    }

    pub(crate) fn set_progress(&mut self, mode: ProgressMode) {
        self.progress = Progress::new(mode);
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The index of a named optimizer; the same name gives the same.
    pub(crate) fn optimizer(&mut self, name: &str) -> OptimizerIndex {
        let found = self.optimizers.iter().position(|known| known.name.as_deref() == Some(name));
        OptimizerIndex(found.unwrap_or_else(|| {
            self.optimizers.push(OptimizerLedger::new(Some(name.to_owned())));
            self.optimizers.len() - 1
        }))
    }

    /// The index of an evaluation's name.
    pub(crate) fn scope(&mut self, name: &str) -> usize {
        self.scopes.iter().position(|known| known.name == name).unwrap_or_else(|| {
            self.scopes.push(ScopeSeries::new(name));
            self.scopes.len() - 1
        })
    }

    pub(crate) fn begin_epoch(&mut self) {
        self.epoch = Some(EpochSums::default());
        for optimizer in &mut self.optimizers {
            optimizer.loss = Mean::default();
        }
    }

    /// Logs a step.
    pub(crate) fn row(&mut self, row: &Row, place: Place) {
        self.release(Some(place.step));
        let means = row.owner.means();
        let mut points = Points { place, points: Vec::with_capacity(4) };
        self.loss(OptimizerIndex::OWNER, means, &mut points);
        if let Some(accuracy) = means.accuracy.value() {
            points.add(self.training.batch_accuracy.id(&self.tracker), accuracy);
        }
        let mut items = means.items;
        for (index, measured) in &row.named {
            let means = measured.means();
            self.loss(*index, means, &mut points);
            // Without an owner, the named ones tell the size of the batch.
            items = if row.owner.is_empty() { items.max(means.items) } else { items };
        }
        if items > 0 {
            points.add(self.training.batch_items.id(&self.tracker), items as f64);
        }
        if let Some(epoch) = &mut self.epoch {
            epoch.accuracy.merge(means.accuracy);
            epoch.items += items;
        }
        for (index, rate) in &row.learning_rates {
            self.learning_rate(*index, *rate, &mut points);
        }
        self.tracker.write(&points.points);
        // The value is here anyway, so showing it costs no read.
        if let Some(loss) = means.loss.value() {
            self.progress.loss(loss);
        }
    }

    /// Logs the loss of a step and adds it to the epoch's.
    fn loss(&mut self, index: OptimizerIndex, means: Means, points: &mut Points) {
        let Some(loss) = means.loss.value() else { return };
        let Some(optimizer) = self.optimizers.get_mut(index.0) else { return };
        if !loss.is_finite() {
            let name = optimizer.series.batch_loss.name();
            let problem = problem::loss_not_finite(name, loss, points.place.step);
            self.tracker.record(Event::Problem(problem));
        }
        points.add(optimizer.series.batch_loss.id(&self.tracker), loss);
        optimizer.loss.add(loss, means.items);
    }

    /// Keeps the learning rate of a step. It is logged where it changes; without epochs, which log
    /// it at their end, the first one is too.
    fn learning_rate(&mut self, index: OptimizerIndex, rate: f64, points: &mut Points) {
        let Some(optimizer) = self.optimizers.get_mut(index.0) else { return };
        let changed = match optimizer.learning_rate.replace(rate) {
            Some(before) => before.to_bits() != rate.to_bits(),
            None => self.epoch.is_none(),
        };
        if changed {
            points.add(optimizer.series.learning_rate.id(&self.tracker), rate);
            optimizer.logged_at = Some(points.place.step);
        }
    }

    /// Takes an evaluation. Several of one name at one step make one mean.
    pub(crate) fn evaluation(&mut self, scope: usize, place: Place, measured: &Measured) {
        let means = measured.means();
        let same = |held: &&mut Evaluation| held.scope == scope && held.place.step == place.step;
        if let Some(held) = self.held.iter_mut().find(same) {
            held.place.time = place.time;
            held.means.loss.merge(means.loss);
            held.means.accuracy.merge(means.accuracy);
            return;
        }
        self.release(Some(place.step));
        self.held.push(Evaluation { scope, place, means });
    }

    /// Logs the evaluations that are complete: all, or those of other steps than `current`.
    pub(crate) fn release(&mut self, current: Option<Step>) {
        if self.held.is_empty() {
            return;
        }
        let held = std::mem::take(&mut self.held);
        for evaluation in held {
            if Some(evaluation.place.step) == current {
                self.held.push(evaluation);
            } else {
                self.log(&evaluation);
            }
        }
    }

    fn log(&mut self, evaluation: &Evaluation) {
        let Some(scope) = self.scopes.get_mut(evaluation.scope) else { return };
        let mut points = Points { place: evaluation.place, points: Vec::with_capacity(2) };
        let means = [
            (&mut scope.loss, evaluation.means.loss),
            (&mut scope.accuracy, evaluation.means.accuracy),
        ];
        for (series, mean) in means {
            let Some(value) = mean.value() else { continue };
            points.add(series.id(&self.tracker), value);
            if let Some(epoch) = &mut self.epoch {
                epoch.evaluated.retain(|(name, ..)| name != series.name());
                epoch.evaluated.push(series.shown(value));
            }
        }
        self.tracker.write(&points.points);
    }

    /// Whether an evaluation waits for its step to end.
    pub(crate) fn holds_evaluation(&self) -> bool {
        !self.held.is_empty()
    }

    /// Logs the epoch's means.
    pub(crate) fn end_epoch(&mut self, end: EpochEnd) {
        self.release(None);
        let Some(epoch) = self.epoch.take() else { return };
        let mut points = Points { place: end.place, points: Vec::with_capacity(8) };
        let mut shown: Vec<Shown> = Vec::with_capacity(4);
        for optimizer in &mut self.optimizers {
            if let Some(loss) = optimizer.loss.value() {
                points.add(optimizer.series.epoch_loss.id(&self.tracker), loss);
                shown.push(optimizer.series.epoch_loss.shown(loss));
            }
            let logged = optimizer.logged_at == Some(end.place.step);
            if let Some(rate) = optimizer.learning_rate.filter(|_| !logged) {
                points.add(optimizer.series.learning_rate.id(&self.tracker), rate);
                optimizer.logged_at = Some(end.place.step);
            }
        }
        let training = &mut self.training;
        if let Some(accuracy) = epoch.accuracy.value() {
            points.add(training.accuracy.id(&self.tracker), accuracy);
            shown.push(training.accuracy.shown(accuracy));
        }
        points.add(training.epoch.id(&self.tracker), end.number);
        points.add(training.epoch_seconds.id(&self.tracker), end.seconds);
        if epoch.items > 0 && end.training_seconds > 0.0 {
            let rate = epoch.items as f64 / end.training_seconds;
            points.add(training.items_per_second.id(&self.tracker), rate);
        }
        self.tracker.write(&points.points);
        shown.extend(epoch.evaluated);
        let shown = shown.iter().map(|(name, value, of)| (name.as_str(), *value, of.clone()));
        self.progress.end_epoch(shown);
    }

    /// Forgets an epoch in which nothing happened.
    pub(crate) fn discard_epoch(&mut self) {
        self.epoch = None;
    }
}

/// Points of one place on their way into one call of `write`.
struct Points {
    place: Place,
    points: Vec<Point>,
}

impl Points {
    fn add(&mut self, metric: MetricId, value: f64) {
        let time: Option<Timestamp> = Some(self.place.time);
        self.points.push(Point { metric, step: self.place.step, time, value });
    }
}
