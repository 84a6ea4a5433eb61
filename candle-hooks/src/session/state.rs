//! All of the state, and what follows from what the recorder tells.

use std::{collections::VecDeque, sync::Arc};

use candle_core::Tensor;
use tracker_core::{
    Outcome, Problem, Step, Timestamp, Tracker,
    adapter::{
        BatchSamples,
        recorder::{Milestone, OptimizerIndex, Recorder, Role},
    },
};

use crate::{
    readback::Readings,
    session::{checkpoint_state::CheckpointState, watched::Watch},
    watch::Sample,
};

/// How often the norm of the gradients is logged, in steps.
const GRADIENT_NORM_EVERY: u64 = 10;

/// Everything that the hooks of one training share: the recorder, and what Candle adds.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) recorder: Recorder<Readings>,
    pub(super) gradient_norm_every: u64,
    /// The variables of the losses since the last step of each optimizer, if the norm of their
    /// gradients is to be logged.
    pub(super) variables: Vec<(OptimizerIndex, Vec<Tensor>)>,
    pub(super) watches: Vec<Watch>,
    /// What was looked at and has not arrived, with the index of its watch.
    pub(super) samples: VecDeque<(usize, Step, Timestamp, Sample)>,
    /// Which samples the next step is taken with, as far as the training says so.
    pub(super) batch_samples: BatchSamples,
    pub(super) checkpointing: CheckpointState,
}

impl Session {
    pub(crate) fn new(tracker: Arc<dyn Tracker>, readings: Readings) -> Self {
        Self {
            recorder: Recorder::new(tracker, readings),
            gradient_norm_every: GRADIENT_NORM_EVERY,
            variables: Vec::new(),
            watches: Vec::new(),
            samples: VecDeque::new(),
            batch_samples: BatchSamples::default(),
            checkpointing: CheckpointState::default(),
        }
    }

    pub(crate) fn set_gradient_norm_every(&mut self, steps: u64) {
        self.gradient_norm_every = steps;
    }

    pub(crate) fn problem(&self, problem: Problem) {
        self.recorder.problem(problem);
    }

    /// Runs `work` on the recorder, and does what follows from it.
    pub(crate) fn record<T>(&mut self, work: impl FnOnce(&mut Recorder<Readings>) -> T) -> T {
        let done = work(&mut self.recorder);
        self.act();
        done
    }

    /// Saves what is due after a step, an epoch or an evaluation, and logs what was looked at.
    pub(super) fn act(&mut self) {
        for milestone in self.recorder.take_milestones() {
            match milestone {
                Milestone::Step => self.keep_step(),
                Milestone::Epoch { number, place, values } => {
                    self.keep_epoch(number, place, &values);
                }
                Milestone::Evaluated { step, values } => {
                    self.checkpointing.evaluated.add(step, values);
                }
            }
        }
        while self.samples.front().is_some_and(|(.., sample)| sample.is_ready()) {
            let Some((watch, step, time, sample)) = self.samples.pop_front() else { return };
            if let Some(watch) = self.watches.get_mut(watch) {
                sample.write(&mut watch.log, step, time);
            }
        }
    }
}

/// Optimizers.
impl Session {
    /// A step of an optimizer begins.
    pub(crate) fn begin_step(&mut self, role: Role, learning_rate: f64) {
        // Before the step changes the weights. Within a batch there may be more steps than this one: what
        // is due then waits for its end, so that a training goes on with the next batch.
        if !self.recorder.is_in_batch() {
            self.save_if_due();
        }
        self.record(|recorder| recorder.begin_step(role, learning_rate));
    }
}

/// The end.
impl Session {
    /// Logs all that was measured so far.
    pub(crate) fn flush(&mut self) {
        self.record(Recorder::flush);
        self.save_if_due();
        self.wait_for_checkpoints();
    }

    /// Logs all that was measured, and says what could not be. For the end of the run, after which
    /// nothing is logged any more; without an outcome where the hooks end before it.
    pub(crate) fn end(&mut self, outcome: Option<&Outcome>) {
        self.record(|recorder| recorder.end(outcome));
        self.end_flights(outcome);
        if !std::thread::panicking() {
            self.keep_end();
        }
        self.save_if_due();
        self.tell_never_saved();
        self.wait_for_checkpoints();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end(None);
    }
}
