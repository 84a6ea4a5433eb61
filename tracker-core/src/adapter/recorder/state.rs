//! All of the state, how it is set up, and its end.

use std::{collections::VecDeque, mem, sync::Arc, thread::ThreadId, time::Instant};

use crate::{
    Event, Outcome, Problem, RunContext, Tracker,
    adapter::{
        begin_anew,
        order::Order,
        recorder::{
            clock::StepClock,
            counter::Counter,
            early_stopping::{EarlyStopping, Patience},
            iterator_id::IteratorId,
            loop_state::{EpochState, Position},
            metric_writer::MetricWriter,
            milestone::Milestone,
            open_epoch::OpenEpoch,
            phase::Phase,
            problem,
            reading::ReadBack,
            row::{OptimizerIndex, Row, StepTime},
            step_values::StepValues,
        },
        resumed_run_not_read,
    },
    progress::ProgressMode,
};

/// Everything that is known of one training while it runs.
///
/// Values are taken in order. What follows from them, such as a mean or a point, is worked out in
/// the same order when they have arrived: at once on a CPU, after a read from other devices.
///
/// Invariant: a point stands at the step that was open when its value was taken, however late the
/// value arrives, and each value is in the mean of one step, one epoch or one evaluation.
///
/// What an adapter has to do then, such as saving a checkpoint, is a [`Milestone`]: ask for those after
/// each call that may end a step, an epoch or an evaluation.
#[derive(Debug)]
pub struct Recorder<R: ReadBack> {
    pub(super) tracker: Arc<dyn Tracker>,
    /// Whether anything is logged: early stopping needs a recorder without that, too.
    pub(super) is_tracked: bool,
    pub(super) readings: R,
    pub(super) writer: MetricWriter,
    /// What is complete but for values that have not arrived.
    pub(super) waiting: VecDeque<Waiting>,
    /// The step of the training that is to be taken next.
    pub(super) steps: u64,
    /// Whether `steps` is where this training goes on.
    pub(super) begun: bool,
    /// The step that was announced last.
    pub(super) announced: Option<u64>,
    pub(super) row: Row,
    /// Whether the step of `row` was taken; `row` then takes what follows in the same batch.
    pub(super) stepped: bool,
    pub(super) counter: Counter,
    /// How many steps each optimizer has taken, by its index.
    pub(super) taken: Vec<u64>,
    pub(super) clock: StepClock,
    /// How many iterators of epochs and batches there were.
    pub(super) iterators: u64,
    pub(super) batches: Option<OpenBatches>,
    /// The threads that evaluate.
    pub(super) scopes: Vec<ThreadId>,
    pub(super) epoch: Option<OpenEpoch>,
    /// The epoch that was cut short after this step, if one was.
    pub(super) broken_off: Option<(u64, EpochState)>,
    /// The loop over epochs that goes on, or the last one; `None` before the first.
    pub(super) phase: Option<Phase>,
    /// The number of the last epoch that was begun, or left out.
    pub(super) last_number: Option<f64>,
    /// Where the training goes on that was begun before.
    pub(super) restored_phase: Phase,
    /// The phase of the checkpoint that it goes on from, and the last epoch of it that was over, until an
    /// epoch comes that was not.
    pub(super) trained: Option<(u64, Option<u64>)>,
    /// The last epoch that is over, and its phase.
    pub(super) last_over: Option<(u64, u64)>,
    /// The epoch in which it goes on, until that begins.
    pub(super) restored_epoch: Option<EpochState>,
    /// The phase in which it goes on, until it takes a step.
    pub(super) goes_on_in: Option<Phase>,
    /// In which order the data come, and in which they came in the training before.
    pub(super) order: Option<Order>,
    pub(super) restored_order: Option<Order>,
    /// How many episodes are over.
    pub(super) episodes: u64,
    pub(super) early_stopping: Option<Patience>,
    pub(super) milestones: Vec<Milestone>,
}

#[derive(Debug)]
pub(super) enum Waiting {
    Row(Row, StepTime),
    Evaluation(usize, StepTime, Vec<StepValues>),
}

#[derive(Debug)]
pub(super) struct OpenBatches {
    pub(super) iterator: IteratorId,
    pub(super) begun: Instant,
    pub(super) first_step: u64,
    /// How many batches were given out or left out.
    pub(super) given: u64,
    /// What tells whether they are the same batches: their number, or that of their items.
    pub(super) length: Option<u64>,
    /// Whether a batch is out; the first call of `next` has none.
    pub(super) in_batch: bool,
    /// The time in which the training waited for its data, in seconds.
    pub(super) waited: f64,
    /// The time of the evaluations in between, in seconds.
    pub(super) evaluating: f64,
}

impl OpenBatches {
    /// Where the last batch stands in an epoch that has had so many loops over batches.
    pub(super) fn position(&self, loops: u64) -> Position {
        Position { loops: loops.saturating_sub(1), batches: self.given, length: self.length }
    }
}

/// Setting up.
impl<R: ReadBack> Recorder<R> {
    /// Records a training to `tracker`, with numbers that `readings` brings to the host.
    pub fn new(tracker: Arc<dyn Tracker>, readings: R) -> Self {
        Self {
            writer: MetricWriter::new(Arc::clone(&tracker)),
            is_tracked: tracker.enabled(),
            tracker,
            readings,
            waiting: VecDeque::new(),
            steps: 0,
            begun: false,
            announced: None,
            row: Row::default(),
            stepped: false,
            counter: Counter::default(),
            taken: Vec::new(),
            clock: StepClock::default(),
            iterators: 0,
            batches: None,
            scopes: Vec::new(),
            epoch: None,
            broken_off: None,
            phase: None,
            last_number: None,
            restored_phase: Phase::default(),
            trained: None,
            last_over: None,
            restored_epoch: None,
            goes_on_in: None,
            order: None,
            restored_order: None,
            episodes: 0,
            early_stopping: None,
            milestones: Vec::new(),
        }
    }

    /// Sets how progress is shown.
    pub fn set_progress(&mut self, mode: ProgressMode) {
        self.writer.set_progress(mode);
    }

    /// Counts batches in tokens from now on.
    pub fn count_tokens(&mut self) {
        self.writer.count_tokens();
    }

    /// Says that the loop counts its steps with [`step_by_hand`](Self::step_by_hand), so that no batch is
    /// taken for a step before the first call.
    pub fn count_by_hand(&mut self) {
        self.counter.by_hand = true;
    }

    /// Logs a perplexity beside each loss from now on.
    pub fn show_perplexity(&mut self) {
        self.writer.show_perplexity();
    }

    /// Ends the training when a metric does not get better any more; see
    /// [`is_stopped_early`](Self::is_stopped_early).
    pub fn stop_early(&mut self, options: EarlyStopping) {
        let metric = self.writer.full_name(options.metric());
        self.early_stopping = Some(Patience::new(options, metric));
    }
}

/// What an adapter asks.
impl<R: ReadBack> Recorder<R> {
    /// What it records to.
    pub fn tracker(&self) -> &Arc<dyn Tracker> {
        &self.tracker
    }

    /// Whether anything is logged: early stopping needs a recorder without that, too.
    pub fn is_tracked(&self) -> bool {
        self.is_tracked
    }

    /// What brings numbers to the host.
    pub fn readings(&mut self) -> &mut R {
        &mut self.readings
    }

    /// Whether early stopping has ended the training.
    pub fn is_stopped_early(&self) -> bool {
        self.early_stopping.as_ref().is_some_and(Patience::has_stopped)
    }

    /// The step at which values are logged now: that of the open row, else the next one.
    pub fn step(&self) -> u64 {
        if self.stepped { self.last_step() } else { self.steps }
    }

    /// The step that an optimizer takes next, also where the training has yet to begin.
    pub fn next_step(&mut self) -> u64 {
        self.begin();
        self.steps
    }

    /// How many steps were taken, with those that the run had before.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The loop over epochs that goes on, or the last one.
    pub fn phase(&self) -> Phase {
        self.phase.unwrap_or_default()
    }

    /// The step that was taken last, 0 before the first.
    pub fn last_step(&self) -> u64 {
        self.steps.saturating_sub(1)
    }

    /// What happened since the last call that somebody may want to act upon, the oldest first.
    pub fn take_milestones(&mut self) -> Vec<Milestone> {
        mem::take(&mut self.milestones)
    }

    /// Whether an optimizer counts the steps, which tells when the next one begins.
    pub fn has_owner(&self) -> bool {
        self.counter.owner.is_some()
    }

    /// Counts trouble.
    pub fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }

    /// The names of all optimizers in the order of their indices; that of the owner is empty.
    pub fn optimizer_names(&self) -> impl Iterator<Item = &str> {
        self.writer.optimizer_names()
    }

    /// The name of an optimizer; that of the owner is empty.
    pub fn optimizer_name(&self, optimizer: OptimizerIndex) -> &str {
        self.writer.optimizer_names().nth(optimizer.0).unwrap_or_default()
    }

    /// The last learning rate of each optimizer that took a step, by its name; that of the owner is
    /// empty.
    pub fn learning_rates(&self) -> Vec<(String, f64)> {
        let mut rates = self.writer.learning_rates();
        // The row of the last step may still be open.
        for (index, rate) in self.row.learning_rates.iter().filter(|_| self.stepped) {
            let name = self.optimizer_name(*index);
            rates.retain(|(of, _)| of != name);
            rates.push((name.to_owned(), *rate));
        }
        rates
    }
}

/// Where a training begins.
impl<R: ReadBack> Recorder<R> {
    pub(super) fn new_iterator(&mut self) -> IteratorId {
        self.iterators += 1;
        IteratorId(self.iterators)
    }

    /// Finds out where the steps go on, when the training begins: after an earlier training of the
    /// same run, or after the checkpoint of a resumed one.
    pub fn begin(&mut self) {
        if mem::replace(&mut self.begun, true) {
            return;
        }
        let Some(run) = self.tracker.context() else { return };
        self.steps = run.next_step().0;
        if self.steps > 0 || !run.is_resumed() || run.position().is_some() {
            return;
        }
        let to_go_on = "call `hooks.restore(..)` before the loop, where the hooks keep checkpoints";
        match begin_anew(&*self.tracker, run, to_go_on) {
            Ok(first) => self.steps = first,
            Err(error) => self.problem(resumed_run_not_read(&error)),
        }
    }

    /// Tells the tracker that training stands at the next step.
    pub(super) fn announce(&mut self) {
        let others = self.tracker.context().and_then(RunContext::position);
        if let (Some(ours), Some(position)) = (self.announced, others)
            && position.0 != ours
        {
            self.problem(problem::two_hooks(self.steps));
        }
        self.announced = Some(self.steps);
        self.tracker.advance(self.steps.into());
    }
}

/// The end.
impl<R: ReadBack> Recorder<R> {
    /// Logs all that was measured, and says what could not be: for the end of the run, after which
    /// nothing is logged any more. An epoch that was left by `break` is over where the run is
    /// [`Finished`](Outcome::Finished); else it was cut short.
    pub fn end(&mut self, outcome: Option<&Outcome>) {
        self.decide_left(outcome == Some(&Outcome::Finished));
        self.close_stepped_row();
        if !self.row.is_empty() && self.epoch.is_none() && self.batches.is_none() {
            self.end_of_values();
        }
        self.read();
        self.writer.release(None);
        self.settle();
        self.tell_missing_metric();
        self.tell_nothing_left();
        self.writer.progress().finish();
    }

    /// Values that no step followed. Those of a loop in which nobody counts are a step, and so are
    /// those of one that took none.
    fn end_of_values(&mut self) {
        if self.counter.is_known() && self.steps > 0 {
            self.row = Row::default();
            self.problem(problem::without_a_step());
        } else {
            self.step_uncounted();
        }
    }
}

impl<R: ReadBack> Drop for Recorder<R> {
    fn drop(&mut self) {
        self.end(None);
    }
}
