//! The state behind the hooks: which step, which epoch, what waits for its values.

use std::{collections::VecDeque, mem, sync::Arc, time::Instant};

use candle_core::{Result, Tensor};
use tracker_core::{Event, Problem, Tracker, progress::ProgressMode};

use crate::{
    accuracy::Count,
    ledger::{EpochEnd, Ledger},
    measured::Measured,
    problem,
    readback::Readings,
    row::{OptimizerIndex, Place, Row},
};

/// How many rows wait for values from a device before they are read, however few values those are.
const MAX_WAITING: usize = 1_024;

/// Everything that the hooks of one training share.
///
/// Values are taken in order. What follows from them, such as a mean or a point, is worked out in
/// the same order when they have arrived: at once on a CPU, after a read from other devices.
#[derive(Debug)]
pub(crate) struct Session {
    tracker: Arc<dyn Tracker>,
    readings: Readings,
    ledger: Ledger,
    /// What is complete but for values that have not arrived.
    waiting: VecDeque<Waiting>,
    /// Steps that were taken.
    steps: u64,
    row: Row,
    /// Whether the step of `row` was taken; `row` then takes what follows in the same batch.
    stepped: bool,
    owner: Option<u64>,
    optimizers: u64,
    batches: Option<OpenBatches>,
    scopes: usize,
    epoch: Option<OpenEpoch>,
}

#[derive(Debug)]
enum Waiting {
    Row(Row, Place),
    Evaluation(usize, Place, Measured),
}

#[derive(Debug)]
struct OpenBatches {
    begun: Instant,
    first_step: u64,
    /// Whether a batch is out; the first call of `next` has none.
    in_batch: bool,
}

#[derive(Debug)]
struct OpenEpoch {
    number: f64,
    begun: Instant,
    first_step: u64,
    /// Time within batches, in seconds.
    training: f64,
    last_step: Option<Instant>,
    had_batches: bool,
}

/// How an iterator of epochs or batches came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It went on to the next, or had no more to give.
    Regular,
    /// It was dropped before: by `break`, `?` or a panic.
    Dropped,
}

/// Which part an optimizer plays.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// Its steps are those of the training. The number tells it from owners before it.
    Owner(u64),
    /// It takes steps within those of the owner.
    Named(OptimizerIndex),
}

impl Role {
    pub(crate) fn index(self) -> OptimizerIndex {
        match self {
            Self::Owner(_) => OptimizerIndex::OWNER,
            Self::Named(index) => index,
        }
    }
}

impl Session {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, readings: Readings) -> Self {
        Self {
            ledger: Ledger::new(Arc::clone(&tracker)),
            tracker,
            readings,
            waiting: VecDeque::new(),
            steps: 0,
            row: Row::default(),
            stepped: false,
            owner: None,
            optimizers: 0,
            batches: None,
            scopes: 0,
            epoch: None,
        }
    }

    pub(crate) fn set_progress(&mut self, mode: ProgressMode) {
        self.ledger.set_progress(mode);
    }

    /// The step at which values are logged now: that of the open row, else the last one.
    pub(crate) fn step(&self) -> u64 {
        if self.stepped { self.steps.saturating_sub(1) } else { self.steps }
    }

    fn last_step(&self) -> u64 {
        self.steps.saturating_sub(1)
    }

    fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }
}

/// Values.
impl Session {
    pub(crate) fn loss(&mut self, optimizer: OptimizerIndex, loss: &Tensor) {
        if self.scalar(loss) {
            self.read_if_due();
            let readings = &mut self.readings;
            let taken = self.row.update(optimizer, |measured| measured.add_loss(loss, readings));
            self.count_failure(taken);
        }
    }

    /// Takes a loss that the user runs backward from: in the same batch, a second one is the
    /// beginning of another step.
    pub(crate) fn backward(&mut self, loss: &Tensor) {
        self.close_stepped_row();
        self.loss(OptimizerIndex::OWNER, loss);
    }

    pub(crate) fn answers(&mut self, count: &Count) {
        self.read_if_due();
        let taken = self.row.owner.add_answers(count, &mut self.readings);
        self.count_failure(taken);
    }

    pub(crate) fn state_items(&mut self, items: u64) {
        self.row.owner.state_items(items);
    }

    /// Takes a loss into an evaluation.
    pub(crate) fn scope_loss(&mut self, measured: &mut Measured, loss: &Tensor) {
        if self.scalar(loss) {
            self.read_if_due();
            let taken = measured.add_loss(loss, &mut self.readings);
            self.count_failure(taken);
        }
    }

    /// Takes right answers into an evaluation.
    pub(crate) fn scope_answers(&mut self, measured: &mut Measured, count: &Count) {
        self.read_if_due();
        let taken = measured.add_answers(count, &mut self.readings);
        self.count_failure(taken);
    }

    fn scalar(&self, loss: &Tensor) -> bool {
        if loss.elem_count() != 1 {
            self.problem(problem::loss_not_scalar(loss.shape(), self.step()));
            return false;
        }
        true
    }

    fn count_failure(&self, taken: Result<()>) {
        if let Err(error) = taken {
            self.problem(problem::not_read(1, &error, self.step()));
        }
    }

    /// Logs what has arrived, after a read if one is due.
    fn settle(&mut self) {
        self.read_if_due();
        self.log_arrived();
    }

    fn read_if_due(&mut self) {
        if self.readings.is_due() || self.waiting.len() >= MAX_WAITING {
            self.read();
        }
    }

    /// Reads all that is on devices and logs what is complete.
    pub(crate) fn read(&mut self) {
        if let Err(lost) = self.readings.read() {
            self.problem(problem::not_read(lost.count, &lost.error, self.step()));
        }
        self.log_arrived();
    }

    fn log_arrived(&mut self) {
        while let Some(first) = self.waiting.pop_front() {
            match first {
                Waiting::Row(row, place) if row.is_ready() => self.ledger.row(&row, place),
                Waiting::Evaluation(scope, place, measured) if measured.is_ready() => {
                    self.ledger.evaluation(scope, place, &measured);
                }
                unfinished => {
                    self.waiting.push_front(unfinished);
                    return;
                }
            }
        }
    }
}

/// Steps.
impl Session {
    /// Makes an optimizer the owner of the step.
    pub(crate) fn new_owner(&mut self) -> Role {
        self.optimizers += 1;
        self.owner = Some(self.optimizers);
        Role::Owner(self.optimizers)
    }

    pub(crate) fn named(&mut self, name: &str) -> Role {
        Role::Named(self.ledger.optimizer(name))
    }

    /// A step begins that `loss`, if given, leads to.
    pub(crate) fn begin_step(&mut self, role: Role, loss: Option<&Tensor>, learning_rate: f64) {
        if let Role::Owner(number) = role {
            // The second step within a batch begins a row of its own.
            self.close_stepped_row();
            if self.owner == Some(number) {
                self.tracker.advance(self.steps.into());
            } else {
                self.problem(problem::two_owners(self.steps));
            }
        }
        self.row.set_learning_rate(role.index(), learning_rate);
        if let Some(loss) = loss {
            self.loss(role.index(), loss);
        }
    }

    /// A step was taken.
    pub(crate) fn end_step(&mut self, role: Role) {
        let Role::Owner(number) = role else { return };
        if self.owner != Some(number) {
            return;
        }
        self.stepped = true;
        self.steps += 1;
        if let Some(epoch) = &mut self.epoch {
            epoch.last_step = Some(Instant::now());
        }
        if self.batches.is_none() {
            self.close_stepped_row();
            self.ledger.progress().batch();
        }
        self.settle();
    }

    /// Ends the open row if its step was taken.
    fn close_stepped_row(&mut self) {
        if !mem::take(&mut self.stepped) {
            return;
        }
        let row = mem::take(&mut self.row);
        self.waiting.push_back(Waiting::Row(row, Place::now(self.last_step())));
        self.log_arrived();
    }

    /// Takes a step where no optimizer does.
    fn step_without_optimizer(&mut self) {
        self.steps += 1;
        self.stepped = true;
        if let Some(epoch) = &mut self.epoch {
            epoch.last_step = Some(Instant::now());
        }
        self.close_stepped_row();
    }
}

/// Batches.
impl Session {
    /// Whether an iterator of batches that starts now is one of training. One within an evaluation
    /// or within other batches is not.
    pub(crate) fn begin_batches(&mut self, batches: Option<u64>) -> bool {
        if self.scopes > 0 || self.batches.is_some() {
            return false;
        }
        let first_step = self.steps;
        self.batches = Some(OpenBatches { begun: Instant::now(), first_step, in_batch: false });
        if let Some(epoch) = &mut self.epoch {
            epoch.had_batches = true;
        }
        self.ledger.progress().begin_batches(batches);
        true
    }

    /// The batch before, if there was one, is over.
    pub(crate) fn end_batch(&mut self) {
        let Some(batches) = &mut self.batches else { return };
        let in_batch = mem::take(&mut batches.in_batch);
        if in_batch && self.owner.is_none() {
            self.step_without_optimizer();
        }
        self.close_stepped_row();
        self.settle();
        if in_batch {
            self.ledger.progress().batch();
        }
    }

    /// A batch is about to be given out.
    pub(crate) fn begin_batch(&mut self) {
        if let Some(batches) = &mut self.batches {
            batches.in_batch = true;
        }
        self.tracker.advance(self.steps.into());
    }

    /// There are no more batches, or nobody wants them.
    pub(crate) fn end_batches(&mut self, end: End) {
        let Some(batches) = &mut self.batches else { return };
        let in_batch = mem::take(&mut batches.in_batch);
        // A batch that was left before its step has nothing to log; without an optimizer to tell,
        // a loss or an accuracy shows that the step was taken.
        if in_batch && self.owner.is_none() && !self.row.is_empty() {
            self.step_without_optimizer();
        }
        self.close_stepped_row();
        if end == End::Dropped {
            self.row = Row::default();
        }
        // The host runs ahead of a device: only after a read is the time that of the work.
        self.read();
        let Some(batches) = self.batches.take() else { return };
        if let Some(epoch) = &mut self.epoch
            && self.steps > batches.first_step
        {
            epoch.training += batches.begun.elapsed().as_secs_f64();
        }
        if self.epoch.is_none() {
            self.ledger.release(None);
            self.ledger.progress().finish();
        }
    }
}

/// Epochs.
impl Session {
    pub(crate) fn begin_epoch(&mut self, number: f64, place: u64, epochs: Option<u64>) {
        self.ledger.begin_epoch();
        self.ledger.progress().begin_epoch(place, epochs);
        self.epoch = Some(OpenEpoch {
            number,
            begun: Instant::now(),
            first_step: self.steps,
            training: 0.0,
            last_step: None,
            had_batches: false,
        });
    }

    /// Logs the epoch that is open, if one is. Returns at once for one that is closed.
    pub(crate) fn end_epoch(&mut self, end: End, stopped: bool) {
        let Some(epoch) = &self.epoch else { return };
        if self.owner.is_none() && !epoch.had_batches && !self.row.is_empty() {
            // Without optimizer and batches, the epoch is one step over all data.
            self.step_without_optimizer();
        }
        self.close_stepped_row();
        self.read();
        let Some(epoch) = self.epoch.take() else { return };
        let seconds = epoch.begun.elapsed().as_secs_f64();
        if self.steps == epoch.first_step {
            if end == End::Regular && !stopped && !self.ledger.holds_evaluation() {
                self.problem(problem::empty_epoch(epoch.number));
            }
            self.ledger.release(None);
            self.ledger.discard_epoch();
            return;
        }
        let until_last_step = |last: Instant| (last - epoch.begun).as_secs_f64();
        let training_seconds = match epoch.training {
            seconds if seconds > 0.0 => seconds,
            _ => epoch.last_step.map_or(seconds, until_last_step),
        };
        self.ledger.end_epoch(EpochEnd {
            number: epoch.number,
            place: Place::now(self.last_step()),
            seconds,
            training_seconds,
        });
    }

    /// The iterator of epochs is over.
    pub(crate) fn end_epochs(&mut self) {
        self.ledger.progress().finish();
    }
}

/// Evaluations.
impl Session {
    pub(crate) fn begin_scope(&mut self, name: &str) -> usize {
        self.scopes += 1;
        self.ledger.scope(name)
    }

    pub(crate) fn end_scope(&mut self, scope: usize, measured: Measured) {
        self.scopes = self.scopes.saturating_sub(1);
        if !measured.is_empty() {
            let place = Place::now(self.last_step());
            self.waiting.push_back(Waiting::Evaluation(scope, place, measured));
        }
        self.settle();
    }

    /// Logs all that was measured so far.
    pub(crate) fn flush(&mut self) {
        self.read();
        self.ledger.release(None);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.close_stepped_row();
        self.flush();
        self.ledger.progress().finish();
    }
}
