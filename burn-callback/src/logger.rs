//! The metric logger: what Burn measures becomes points of the run.

use std::{sync::Arc, time::Duration};

use burn::train::{
    logger::MetricLogger,
    metric::{
        MetricDefinition, MetricId as BurnId, NumericEntry, SerializedEntry,
        store::{EpochSummary, MetricsUpdate, NumericMetricUpdate, Split},
    },
};
use tracker_core::{Event, Point, Problem, Step as GlobalStep, Tracker};

use crate::{
    epochs::{EpochEnd, EpochLog},
    files::Files,
    guard::caught,
    own::OwnMetrics,
    probe::{Batch, Probe, Sign},
    reads::{self, Reads},
    rounds::{Round, Rounds},
    series::{Catalog, Place},
    session::Session,
    split::{Reading, SplitMeans},
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
    probe: BurnId,
    files: Files,
    catalog: Catalog,
    reads: Reads,
    rounds: Rounds,
    steps: Steps,
    train: SplitMeans,
    valid: SplitMeans,
    valid_processed: u64,
    epochs: Arc<EpochLog>,
    own: OwnMetrics,
    began: bool,
    /// Whether a later `.track` on the same training logs in place of this one.
    replaced: bool,
}

impl RunMetricLogger {
    pub(crate) fn new(
        session: Arc<Session>,
        files: Files,
        epochs: Arc<EpochLog>,
        rounds_per_step: Option<usize>,
    ) -> Self {
        let mut steps = Steps::default();
        if let Some(rounds) = rounds_per_step {
            steps.set_rounds_per_step(rounds);
        }
        Self {
            session,
            probe: Probe::id(),
            files,
            catalog: Catalog::new(),
            reads: Reads::default(),
            rounds: Rounds::default(),
            steps,
            train: SplitMeans::default(),
            valid: SplitMeans::default(),
            valid_processed: 0,
            epochs,
            own: OwnMetrics::default(),
            began: false,
            replaced: false,
        }
    }

    fn take(
        &mut self,
        tracker: &dyn Tracker,
        update: &MetricsUpdate,
        sign: Option<Sign>,
        epoch: usize,
        split: &Split,
    ) {
        let place = match split {
            Split::Train => Place::Train,
            Split::Valid => Place::Valid,
            Split::Test(_) => return,
        };
        if self.is_replaced(tracker, update) {
            return;
        }
        self.begin(tracker, epoch);
        match sign {
            Some(Sign::Batch(batch)) => self.take_batch(tracker, update, epoch, batch, place),
            Some(Sign::End { complete }) => {
                self.take_end(tracker, update, End { epoch, place, complete });
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
            self.reads.seed(&resumed.values);
            self.epochs.seed(resumed);
        }
    }

    /// Two `.track` calls on one training put two probes into each update: the later one logs.
    fn is_replaced(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate) -> bool {
        let own = self.session.id();
        let probes = update.entries.iter().filter(|entry| entry.metric_id == self.probe);
        let later = probes
            .filter_map(|entry| Sign::session(&entry.serialized_entry))
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

    /// What the probe said in this update.
    fn sign(&self, update: &MetricsUpdate) -> Option<Sign> {
        let mut of_probe = update.entries.iter().filter(|entry| entry.metric_id == self.probe);
        let session = self.session.id();
        of_probe.find_map(|entry| Sign::read(&entry.serialized_entry, session))
    }

    fn readings(&self, update: &MetricsUpdate) -> Vec<Reading> {
        let reading = |numeric: &NumericMetricUpdate| {
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
        epoch: usize,
        batch: Batch,
        place: Place,
    ) {
        let readings = self.readings(update);
        if place == Place::Valid {
            let items = batch.processed.saturating_sub(self.valid_processed);
            self.valid_processed = batch.processed;
            self.valid.add(items, 1, &readings);
            return;
        }
        let rounds = self.rounds.take(epoch, batch, readings);
        self.take_rounds(tracker, rounds);
    }

    fn take_rounds(&mut self, tracker: &dyn Tracker, rounds: Vec<Round>) {
        for round in rounds {
            self.train.add(round.items, round.batches, &round.readings);
            let steps = self.steps.take(round);
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
    }

    fn write_step(&mut self, tracker: &dyn Tracker, step: &Step) {
        let number = step.number;
        tracker.advance(GlobalStep(number));
        self.session.set_step(number);
        let mut points = Vec::with_capacity(step.values.len() + 1 + step.rates.len());
        for (index, value) in &step.values {
            if let Some(series) = self.catalog.get_mut(*index) {
                let id = series.id(Place::Batch, tracker);
                points.push(Point::new(id, number, series.stored(*value)));
            }
        }
        if step.items > 0 {
            points.push(Point::new(self.own.items(tracker), number, step.items as f64));
        }
        self.own.rates(
            tracker,
            || self.session.rate_names(),
            &step.rates,
            |id, rate| {
                points.push(Point::new(id, number, rate));
            },
        );
        write(tracker, &points);
    }

    /// The end of a split. What was cut short has the values of its steps, but no epoch value: it
    /// would stand beside those of whole epochs.
    fn take_end(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, end: End) {
        if end.place == Place::Train {
            self.end_steps(tracker);
        }
        if end.complete {
            self.write_epoch(tracker, update, end);
            self.write_texts(tracker, update, end.place);
        }
        self.split(end.place).clear();
        if end.place == Place::Valid {
            self.valid_processed = 0;
        }
    }

    /// Devices that train apart may still be at the last steps of the epoch; its values stand at
    /// the last of them.
    fn end_steps(&mut self, tracker: &dyn Tracker) {
        let rounds = self.rounds.end_split();
        self.take_rounds(tracker, rounds);
        let waiting = self.rounds.waiting() as u64;
        if waiting == 0 {
            let steps = self.steps.end_epoch();
            self.write_steps(tracker, &steps);
        } else {
            self.session.set_step(self.steps.next() + waiting - 1);
        }
    }

    fn split(&mut self, place: Place) -> &mut SplitMeans {
        if place == Place::Valid { &mut self.valid } else { &mut self.train }
    }

    fn write_epoch(&mut self, tracker: &dyn Tracker, update: &MetricsUpdate, end: End) {
        if !self.split(end.place).any() {
            return;
        }
        let Some(step) = self.session.step() else { return };
        let mut ended = EpochEnd { epoch: end.epoch, step, ..EpochEnd::default() };
        let mut points = Vec::with_capacity(2 * update.entries_numeric.len() + 1);
        for numeric in &update.entries_numeric {
            let Some(index) = self.catalog.index(&numeric.entry.metric_id) else { continue };
            // Most of Burn's metrics say `Final`, those of ranks say `Value`.
            let Some(burn) = numeric.numeric_entry.as_ref().map(NumericEntry::current) else {
                continue;
            };
            let value = self.split(end.place).epoch_value(index, burn);
            let Some(series) = self.catalog.get_mut(index) else { continue };
            let value = series.stored(value);
            points.push(Point::new(series.id(end.place, tracker), step, value));
            ended.values.insert(series.path(end.place), value);
            // What Burn reads back is kept for a training that goes on from here.
            let read = self.reads.value(&series.burn_name, end.epoch, end.place.split());
            let read = read.ok().flatten();
            if let Some(read) = read {
                points.push(Point::new(series.burns_id(end.place, tracker), step, read));
            }
            ended.add_score(end.place, series, read.unwrap_or(burn));
        }
        if end.place == Place::Train {
            points.push(Point::new(self.own.epoch(tracker), step, end.epoch as f64));
        }
        write(tracker, &points);
        self.epochs.measured(tracker, end.place, ended);
    }

    /// Metrics that have only words, such as a confusion matrix, once an epoch.
    fn write_texts(&self, tracker: &dyn Tracker, update: &MetricsUpdate, place: Place) {
        let Some(step) = self.session.step() else { return };
        for entry in &update.entries {
            if entry.metric_id == self.probe || entry.serialized_entry.is_not_available() {
                continue;
            }
            let Some(index) = self.catalog.index(&entry.metric_id) else { continue };
            let Some(series) = self.catalog.get(index) else { continue };
            let SerializedEntry { formatted, .. } = &entry.serialized_entry;
            tracker.record(Event::Text {
                name: series.path(place),
                step: GlobalStep(step),
                text: formatted.clone(),
            });
        }
    }

    fn close(&mut self, tracker: &dyn Tracker) {
        if self.replaced {
            return;
        }
        let rounds = self.rounds.close();
        self.take_rounds(tracker, rounds);
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
                "check the permissions and the free space of the training's folder; the run has \
                 all values",
            )));
        });
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
        let sign = self.sign(&update);
        let is_batch = matches!(sign, Some(Sign::Batch(_)));
        // Burn decides on these whatever becomes of the tracker.
        caught(|| self.reads.take(&update, epoch, split));
        session.guarded("metric logger", |tracker| self.take(tracker, &update, sign, epoch, split));
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
        match self.reads.value(name, epoch, split)? {
            Some(value) => Ok(vec![NumericEntry::Final(value)]),
            None if self.session.trains(epoch) => Ok(Vec::new()),
            None => Ok(self.files.read(name, epoch, split)),
        }
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        let session = Arc::clone(&self.session);
        if definition.metric_id != self.probe {
            self.reads.define(&definition);
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

fn steps_are_guessed() -> Problem {
    Problem::new(
        "steps-not-known",
        "the learning rate has been 0 from the beginning, so each batch is taken for a step",
        "if `.grads_accumulation(n)` gathers more batches in a step, say so: \
         `.track_with(&run, TrackOptions::new().grads_accumulation(n))`",
    )
}

fn write(tracker: &dyn Tracker, points: &[Point]) {
    if !points.is_empty() {
        tracker.write(points);
    }
}
