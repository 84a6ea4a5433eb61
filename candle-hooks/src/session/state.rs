//! All of the state, and how it is set up.

use std::{collections::VecDeque, mem, sync::Arc, thread::ThreadId, time::Instant};

use candle_core::Tensor;
use tracker_core::{
    Event, Problem, RunContext, Tracker,
    adapter::{begin_anew, resumed_run_not_read},
    progress::ProgressMode,
};

use crate::{
    early_stopping::{EarlyStopping, Patience},
    metric_writer::MetricWriter,
    problem,
    readback::Readings,
    row::{OptimizerIndex, Row, StepTime},
    session::{
        checkpoint_state::CheckpointState, clock::StepClock, iterator_id::IteratorId,
        open_epoch::OpenEpoch, watched::Watch,
    },
    step_values::StepValues,
    watch::Sample,
};

/// How often the norm of the gradients is logged, in steps.
const GRADIENT_NORM_EVERY: u64 = 10;

/// Everything that the hooks of one training share.
///
/// Values are taken in order. What follows from them, such as a mean or a point, is worked out in
/// the same order when they have arrived: at once on a CPU, after a read from other devices.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) tracker: Arc<dyn Tracker>,
    /// Whether anything is logged: early stopping needs a session without that, too.
    pub(super) is_tracked: bool,
    pub(super) readings: Readings,
    pub(super) writer: MetricWriter,
    /// What is complete but for values that have not arrived.
    pub(super) waiting: VecDeque<Waiting>,
    /// The step of the training that is to be taken next.
    pub(super) steps: u64,
    /// Whether `steps` is where this training goes on.
    pub(super) begun: bool,
    /// The step that these hooks announced last.
    pub(super) announced: Option<u64>,
    pub(super) row: Row,
    /// Whether the step of `row` was taken; `row` then takes what follows in the same batch.
    pub(super) stepped: bool,
    /// The number of the optimizer whose steps are those of the training.
    pub(super) owner: Option<u64>,
    /// How many optimizers were made owners.
    pub(super) owners: u64,
    /// How many steps each optimizer has taken, by its index.
    pub(super) taken: Vec<u64>,
    pub(super) clock: StepClock,
    /// How many iterators of epochs and batches there were.
    pub(super) iterators: u64,
    pub(super) batches: Option<OpenBatches>,
    /// The threads that evaluate.
    pub(super) scopes: Vec<ThreadId>,
    pub(super) epoch: Option<OpenEpoch>,
    pub(super) gradient_norm_every: u64,
    /// The variables of the losses since the last step of each optimizer, if the norm of their
    /// gradients is to be logged.
    pub(super) variables: Vec<(OptimizerIndex, Vec<Tensor>)>,
    pub(super) watches: Vec<Watch>,
    pub(super) checkpointing: CheckpointState,
    pub(super) early_stopping: Option<Patience>,
}

#[derive(Debug)]
pub(super) enum Waiting {
    Row(Row, StepTime),
    Evaluation(usize, StepTime, StepValues),
    /// Of the watch with this index.
    Sample(usize, StepTime, Sample),
}

#[derive(Debug)]
pub(super) struct OpenBatches {
    pub(super) iterator: IteratorId,
    pub(super) begun: Instant,
    pub(super) first_step: u64,
    /// Whether a batch is out; the first call of `next` has none.
    pub(super) in_batch: bool,
    /// The time in which the training waited for its data, in seconds.
    pub(super) waited: f64,
    /// The time of the evaluations in between, in seconds.
    pub(super) evaluating: f64,
}

impl Session {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, readings: Readings) -> Self {
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
            owner: None,
            owners: 0,
            taken: Vec::new(),
            clock: StepClock::default(),
            iterators: 0,
            batches: None,
            scopes: Vec::new(),
            epoch: None,
            gradient_norm_every: GRADIENT_NORM_EVERY,
            variables: Vec::new(),
            watches: Vec::new(),
            checkpointing: CheckpointState::default(),
            early_stopping: None,
        }
    }

    pub(crate) fn set_progress(&mut self, mode: ProgressMode) {
        self.writer.set_progress(mode);
    }

    pub(crate) fn count_tokens(&mut self) {
        self.writer.count_tokens();
    }

    pub(crate) fn show_perplexity(&mut self) {
        self.writer.show_perplexity();
    }

    pub(crate) fn set_gradient_norm_every(&mut self, steps: u64) {
        self.gradient_norm_every = steps;
    }

    pub(crate) fn stop_early(&mut self, options: EarlyStopping) {
        let metric = self.writer.full_name(options.metric());
        self.early_stopping = Some(Patience::new(options, metric));
    }

    /// Whether early stopping has ended the training.
    pub(crate) fn is_stopped_early(&self) -> bool {
        self.early_stopping.as_ref().is_some_and(Patience::has_stopped)
    }

    pub(super) fn new_iterator(&mut self) -> IteratorId {
        self.iterators += 1;
        IteratorId(self.iterators)
    }

    /// Finds out where the steps go on, when the training begins: after an earlier training of the
    /// same run, or after the checkpoint of a resumed one.
    pub(super) fn begin(&mut self) {
        if mem::replace(&mut self.begun, true) {
            return;
        }
        let Some(run) = self.tracker.context() else { return };
        self.steps = run.next_step().0;
        if self.steps > 0 || !run.is_resumed() || run.position().is_some() {
            return;
        }
        let to_go_on = "call `hooks.restore(&varmap)?` before the loop";
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

    /// The step at which values are logged now: that of the open row, else the next one.
    pub(crate) fn step(&self) -> u64 {
        if self.stepped { self.last_step() } else { self.steps }
    }

    pub(super) fn last_step(&self) -> u64 {
        self.steps.saturating_sub(1)
    }

    pub(crate) fn problem(&self, problem: Problem) {
        self.tracker.record(Event::Problem(problem));
    }
}

/// The end.
impl Session {
    /// Logs all that was measured, and says what could not be. For the end of the run, after which
    /// nothing is logged any more.
    pub(crate) fn end(&mut self) {
        self.close_stepped_row();
        if !mem::take(&mut self.row).is_empty() && self.epoch.is_none() && self.batches.is_none() {
            self.problem(problem::without_a_step());
        }
        self.flush();
        self.tell_missing_metric();
        self.writer.progress().finish();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}
