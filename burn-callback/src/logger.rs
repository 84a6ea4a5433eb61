//! The metric logger: what Burn measures becomes points of the run.

use std::{sync::Arc, time::Duration};

use burn::train::{
    logger::MetricLogger,
    metric::{
        MetricDefinition, MetricId as BurnId, NumericEntry, SerializedEntry,
        store::{EpochSummary, MetricsUpdate, NumericMetricUpdate, Split},
    },
};
use tracker_core::{
    Definition, Event, Point, Problem, Step as GlobalStep, Tracker,
    adapter::recorder::{MeasuredRows, MeasuredStep, Section},
};

use crate::{
    burn_values::{self, BurnValues},
    epochs::{EpochEnd, EpochLog},
    files::Files,
    global_batch::{GlobalBatch, GlobalBatches},
    guard::caught,
    missing_items::items_missing,
    series::{self, BURNS_OWN, Catalog},
    session::Session,
    split::{Reading, SplitMeans},
    step_metric::{Batch, Ended, StepEntry, StepMetric},
    steps::{Step, Steps},
    watch,
};

/// How long the end of a training waits for what is measured of its last steps.
const LAST_SAMPLES: Duration = Duration::from_secs(5);

/// Writes the values of each optimizer step and of each epoch.
///
/// Burn calls it on the thread of its event store. It only hands points on, never fails and never
/// panics. Burn drops it when all values of the training were given to it, before `launch`
/// returns.
pub(crate) struct RunMetricLogger {
    session: Arc<Session>,
    step_metric: BurnId,
    files: Files,
    catalog: Catalog,
    burn_values: BurnValues,
    global_batches: GlobalBatches,
    steps: Steps,
    train: SplitMeans,
    valid: SplitMeans,
    valid_processed: u64,
    epochs: Arc<EpochLog>,
    /// Known from the beginning of the training on.
    rows: Option<MeasuredRows>,
    began: bool,
    /// Whether a later `.track` on the same training logs in place of this one.
    replaced: bool,
}

impl RunMetricLogger {
    pub(crate) fn new(
        session: Arc<Session>,
        files: Files,
        epochs: Arc<EpochLog>,
        global_batches_per_step: Option<usize>,
    ) -> Self {
        let mut steps = Steps::default();
        if let Some(count) = global_batches_per_step {
            steps.set_global_batches_per_step(count);
        }
        Self {
            session,
            step_metric: StepMetric::id(),
            files,
            catalog: Catalog::new(),
            burn_values: BurnValues::default(),
            global_batches: GlobalBatches::default(),
            steps,
            train: SplitMeans::default(),
            valid: SplitMeans::default(),
            valid_processed: 0,
            epochs,
            rows: None,
            began: false,
            replaced: false,
        }
    }

    fn take(
        &mut self,
        tracker: &dyn Tracker,
        update: &MetricsUpdate,
        step_entry: Option<StepEntry>,
        epoch: usize,
        split: &Split,
    ) {
        let section = match split {
            Split::Train => Section::Train,
            Split::Valid => Section::Valid,
            Split::Test(_) => return,
        };
        if self.is_replaced(tracker, update) {
            return;
        }
        self.begin(tracker, epoch);
        match step_entry {
            Some(StepEntry::Batch(batch)) => self.take_batch(tracker, update, epoch, batch, section),
            Some(StepEntry::End(ended)) => {
                if ended == Ended::Short {
                    let part = if section == Section::Valid { "validation" } else { "training" };
                    let part = format!("the {part} of epoch {epoch}");
                    tracker.record(Event::Problem(items_missing(&part)));
                }
                let complete = ended != Ended::CutShort;
                self.take_end(tracker, update, End { epoch, section, complete });
            }
            None => tracker.record(Event::Problem(Problem::new(
                "values-without-step",
                format!("values of epoch {epoch} came without their step and were not logged"),
                "call `.track(&run)` on the training itself, and register no metric named `Tracker Step`",
            ))),
        }
    }

    /// Takes over, before the first batch, where the training begins. Where another renderer took
    /// the place of ours, nobody told; then it begins with this epoch.
    fn begin(&mut self, tracker: &dyn Tracker, epoch: usize) {
        if std::mem::replace(&mut self.began, true) {
            return;
        }
        if self.session.first_step().is_none() {
            self.session.begin(tracker, epoch);
        }
        self.steps.begin_at(self.session.first_step().unwrap_or_default());
        if let Some(resumed) = self.session.resumed() {
            self.burn_values.seed(&resumed.values);
            self.epochs.seed(resumed);
            let rows = self.rows.get_or_insert_with(|| MeasuredRows::new(tracker));
            rows.go_on_with(resumed.rates.clone());
        }
    }

    /// Two `.track` calls on one training put two step metrics into each update: the later one logs.
    fn is_replaced(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate) -> bool {
        let own = self.session.id();
        let step_metrics =
            update.entries.iter().filter(|entry| entry.metric_id == self.step_metric);
        let later = step_metrics
            .filter_map(|entry| StepEntry::session(&entry.serialized_entry))
            .any(|session| session > own);
        if later && !std::mem::replace(&mut self.replaced, true) {
            tracker.record(Event::Problem(Problem::new(
                "tracked-twice",
                "`.track` was called twice on one training: only the later call logs",
                "call it once; to log to two trackers, give it a `Fanout` of both",
            )));
        }
        self.replaced
    }

    /// What the step metric said in this update.
    fn step_entry(&self, update: &MetricsUpdate) -> Option<StepEntry> {
        let mut of_step_metric =
            update.entries.iter().filter(|entry| entry.metric_id == self.step_metric);
        let session = self.session.id();
        of_step_metric.find_map(|entry| StepEntry::read(&entry.serialized_entry, session))
    }

    fn readings(&self, update: &MetricsUpdate) -> Vec<Reading> {
        let reading = |numeric: &NumericMetricUpdate| {
            let series = self.catalog.index(&numeric.entry.metric_id)?;
            let entry = numeric.numeric_entry.as_ref()?;
            Some(Reading { series, value: entry.current(), count: burn_values::count(entry) })
        };
        update.entries_numeric.iter().filter_map(reading).collect()
    }

    fn take_batch(
        &mut self,
        tracker: &dyn Tracker,
        update: &MetricsUpdate,
        epoch: usize,
        batch: Batch,
        section: Section,
    ) {
        let readings = self.readings(update);
        if section == Section::Valid {
            let items = batch.processed.saturating_sub(self.valid_processed);
            self.valid_processed = batch.processed;
            self.valid.add(items, 1, &readings);
            return;
        }
        let global_batches = self.global_batches.take(epoch, batch, readings);
        self.take_global_batches(tracker, global_batches);
    }

    fn take_global_batches(&mut self, tracker: &dyn Tracker, global_batches: Vec<GlobalBatch>) {
        for global_batch in global_batches {
            self.train.add(global_batch.items, global_batch.batches, &global_batch.readings);
            let steps = self.steps.take(global_batch);
            self.write_steps(tracker, &steps);
        }
    }

    fn write_steps(&mut self, tracker: &dyn Tracker, steps: &[Step]) {
        for step in steps {
            self.write_step(tracker, step);
        }
        if self.steps.guessed() {
            tracker.record(Event::Problem(steps_are_guessed()));
        }
        if self.global_batches.unsure() {
            tracker.record(Event::Problem(devices_are_guessed()));
        }
    }

    fn write_step(&mut self, tracker: &dyn Tracker, step: &Step) {
        let number = step.number;
        tracker.advance(GlobalStep(number));
        self.session.set_step(number);
        let rows = self.rows.get_or_insert_with(|| MeasuredRows::new(tracker));
        let measured = MeasuredStep { items: step.items, learning_rates: &step.rates };
        let values = step.values.iter().filter_map(|(index, value)| {
            let series = self.catalog.get(*index)?;
            Some((series.name(), &series.definition, series.stored(*value)))
        });
        rows.step(tracker, number, measured, values, |group| {
            self.session.rate_names().get(group).cloned()
        });
    }

    /// The end of a split. What was cut short has the values of its steps, but no epoch value: it
    /// would stand beside those of whole epochs.
    fn take_end(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, end: End) {
        if end.section == Section::Train {
            self.end_steps(tracker);
        }
        let is_empty = !self.train.any() && self.global_batches.waiting() == 0;
        if end.complete && end.section == Section::Train && is_empty {
            tracker.record(Event::Problem(empty_epoch(end.epoch)));
        }
        if end.complete {
            self.write_epoch(tracker, update, end);
            self.write_texts(tracker, update, end.section);
        }
        self.split(end.section).clear();
        if end.section == Section::Valid {
            self.valid_processed = 0;
        }
    }

    /// Devices that train apart may still be at the last steps of the epoch; its values stand at
    /// the last of them.
    fn end_steps(&mut self, tracker: &dyn Tracker) {
        let global_batches = self.global_batches.end_split();
        self.take_global_batches(tracker, global_batches);
        let waiting = self.global_batches.waiting() as u64;
        if waiting == 0 {
            let steps = self.steps.end_epoch();
            self.write_steps(tracker, &steps);
        } else {
            self.session.set_step(self.steps.last_after(waiting));
        }
    }

    fn split(&mut self, section: Section) -> &mut SplitMeans {
        if section == Section::Valid { &mut self.valid } else { &mut self.train }
    }

    fn write_epoch(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, end: End) {
        if !self.split(end.section).any() {
            return;
        }
        let Some(step) = self.session.step() else { return };
        let mut ended = EpochEnd { epoch: end.epoch, step, ..EpochEnd::default() };
        let (mut values, mut burns_own) = (Vec::new(), Vec::new());
        let rows = self.rows.get_or_insert_with(|| MeasuredRows::new(tracker));
        for numeric in &update.entries_numeric {
            let Some(index) = self.catalog.index(&numeric.entry.metric_id) else { continue };
            // Most of Burn's metrics say `Final`, those of ranks say `Value`.
            let Some(burn) = numeric.numeric_entry.as_ref().map(NumericEntry::current) else {
                continue;
            };
            let Some(series) = self.catalog.get(index) else { continue };
            let means = if end.section == Section::Valid { &self.valid } else { &self.train };
            let value = series.stored(means.epoch_value(index, burn));
            values.push((series.name(), &series.definition, value));
            ended.values.insert(rows.full_name(&series.path(end.section)), value);
            // What Burn reads back is kept for a training that goes on from here.
            let read =
                self.burn_values.value(&series.burn_name, end.epoch, series::split(end.section));
            let read = read.ok().flatten();
            let path = format!("{BURNS_OWN}{}", end.section.path(&series.burn_name));
            let path = rows.full_name(&path);
            if let Some(read) = read {
                let id = series::define(tracker, path.clone(), Definition::new().hidden());
                burns_own.push(Point::new(id, step, read));
            }
            let deciding = read.unwrap_or(burn);
            if end.section == Section::Valid && series.stored(deciding) != value {
                ended.values.insert(path, deciding);
            }
            ended.add_score(end.section, series, deciding);
        }
        rows.epoch(tracker, end.section, step, end.epoch as f64, values);
        if !burns_own.is_empty() {
            tracker.write(&burns_own);
        }
        self.epochs.measured(tracker, end.section, ended);
    }

    /// Metrics that have only words, such as a confusion matrix, once an epoch.
    fn write_texts(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, section: Section) {
        let Some(step) = self.session.step() else { return };
        for entry in &update.entries {
            if entry.metric_id == self.step_metric || entry.serialized_entry.is_not_available() {
                continue;
            }
            let Some(index) = self.catalog.index(&entry.metric_id) else { continue };
            let Some(series) = self.catalog.get(index) else { continue };
            let SerializedEntry { formatted, .. } = &entry.serialized_entry;
            let rows = self.rows.get_or_insert_with(|| MeasuredRows::new(tracker));
            tracker.record(Event::Text {
                name: rows.full_name(&series.path(section)),
                step: GlobalStep(step),
                text: formatted.clone(),
            });
        }
    }

    fn close(&mut self, tracker: &dyn Tracker) {
        if self.replaced {
            return;
        }
        let global_batches = self.global_batches.close();
        self.take_global_batches(tracker, global_batches);
        let steps = self.steps.end_epoch();
        self.write_steps(tracker, &steps);
        self.epochs.close();
        if let Some(run) = tracker.context() {
            watch::drain(run.id(), LAST_SAMPLES);
        }
    }

    fn tell_unwritten(&self) {
        self.session.guarded("metric logger", |tracker| {
            tracker.record(Event::Problem(Problem::new(
                "burns-files-not-written",
                "Burn's metric files could not be written, so `.summary()` finds no values",
                "check the permissions and the free space of the training's folder, and whether a metric's name has \
                 a `/`; the run has all values",
            )));
        });
    }
}

/// Which split ended.
#[derive(Debug, Clone, Copy)]
struct End {
    epoch: usize,
    section: Section,
    complete: bool,
}

impl MetricLogger for RunMetricLogger {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        let session = Arc::clone(&self.session);
        let step_entry = self.step_entry(&update);
        let is_batch = matches!(step_entry, Some(StepEntry::Batch(_)));
        // Burn decides on these whatever becomes of the tracker.
        caught(|| self.burn_values.take(&update, epoch, split));
        session.guarded("metric logger", |tracker| {
            self.take(tracker, &update, step_entry, epoch, split);
        });
        if is_batch {
            session.batch_logged();
        }
        if !self.files.log(update, epoch, split) {
            self.tell_unwritten();
        }
    }

    /// What Burn said of an epoch before, in its own units. An epoch that was never logged has no
    /// values: an invented one would make Burn's search for the best epoch run on forever.
    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        if !self.session.is_known(epoch) {
            return Ok(Vec::new());
        }
        match self.burn_values.value(name, epoch, split)? {
            Some(value) => Ok(vec![NumericEntry::Final(value)]),
            None if self.session.trains(epoch) => Ok(Vec::new()),
            None => Ok(self.files.read(name, epoch, split)),
        }
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        let session = Arc::clone(&self.session);
        if definition.metric_id != self.step_metric {
            self.burn_values.define(&definition);
            session.guarded("metric logger", |_| self.catalog.define(&definition));
        }
        self.files.define(definition);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        if !self.files.end_epoch(summary) {
            self.tell_unwritten();
        }
    }
}

impl Drop for RunMetricLogger {
    fn drop(&mut self) {
        let session = Arc::clone(&self.session);
        session.guarded("metric logger", |tracker| self.close(tracker));
    }
}

fn empty_epoch(epoch: usize) -> Problem {
    Problem::new(
        "empty-epoch",
        format!("epoch {epoch} had no batch: it has no values"),
        "look at the training's data loader: it gives none",
    )
}

fn devices_are_guessed() -> Problem {
    Problem::new(
        "devices-not-known",
        "the training strategy numbers its batches in a way of its own: each counts as a step",
        "if several devices train at the same time, please report how it numbers them",
    )
}

fn steps_are_guessed() -> Problem {
    Problem::new(
        "steps-not-known",
        "the learning rate has been 0 from the beginning, so each batch is taken for a step",
        "if `.grads_accumulation(n)` gathers more batches in a step, say so: \
         `.track_with(&run, TrackOptions::new().grads_accumulation(n))`",
    )
}
