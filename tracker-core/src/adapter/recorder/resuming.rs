//! Going on from a checkpoint, in the middle of an epoch too.

use crate::{
    adapter::{
        order::Order,
        recorder::{
            loop_state::{EpochState, LoopState, Position},
            phase::Phase,
            problem,
            reading::ReadBack,
            row::OptimizerIndex,
            state::Recorder,
        },
        resumed_run_not_read,
    },
    read::RunReader,
};

/// An optimizer as it stood at a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerPosition {
    /// Its name; that of the one that owns the step is empty.
    pub name: String,
    /// How many steps it had taken.
    pub steps: u64,
    /// `None` for one that had taken none.
    pub learning_rate: Option<f64>,
}

/// What of the batches of a loop a training before has been through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// So many at the beginning.
    First(u64),
    /// All of them.
    All,
}

/// Keeping.
impl<R: ReadBack> Recorder<R> {
    /// Where the training stands within its loop after the last step, whose values have been
    /// [read](Self::flush).
    pub fn loop_state(&self) -> LoopState {
        let of_last_step = |(step, _): &&(u64, EpochState)| *step == self.last_step();
        let broken_off = || Some(self.broken_off.as_ref().filter(of_last_step)?.1.clone());
        let epoch = self.epoch_state().or_else(broken_off);
        let is_between_epochs = self.phase.is_some() && epoch.is_none();
        let is_accumulating = is_between_epochs && !self.stepped && !self.row.is_empty();
        LoopState { episodes: self.episodes, order: self.order, is_accumulating, epoch }
    }

    pub(super) fn epoch_state(&self) -> Option<EpochState> {
        let epoch = self.epoch.as_ref()?;
        Some(EpochState {
            number: epoch.number,
            first_step: epoch.first_step,
            position: epoch.position?,
            times: epoch.times(),
            sums: self.writer.sums()?,
        })
    }

    /// Keeps with each checkpoint in which order the data come.
    pub fn set_order(&mut self, order: Order) {
        self.order = Some(order);
        self.compare_orders();
    }
}

/// Going on.
impl<R: ReadBack> Recorder<R> {
    /// Goes on after the step of a checkpoint, in the phase and the epoch in which it was saved, with what
    /// its optimizers had. What the run has beyond that step must be superseded already.
    pub fn go_on_after(
        &mut self,
        step: u64,
        phase: Phase,
        state: LoopState,
        optimizers: &[OptimizerPosition],
    ) {
        let LoopState { episodes, order, is_accumulating, epoch } = state;
        if is_accumulating {
            self.problem(problem::accumulated_lost(step));
        }
        self.steps = step.wrapping_add(1);
        self.restored_phase = phase;
        self.episodes = episodes;
        self.restored_order = order;
        self.restored_epoch = epoch;
        self.begun = true;
        self.announced = None;
        for optimizer in optimizers {
            let index = match optimizer.name.as_str() {
                "" => OptimizerIndex::OWNER,
                name => self.writer.optimizer(name),
            };
            self.set_taken(index, optimizer.steps);
            if index == OptimizerIndex::OWNER {
                self.counter.restored = Some(optimizer.steps);
            }
            if let Some(rate) = optimizer.learning_rate {
                self.writer.restore_learning_rate(index, rate);
            }
        }
        self.replay_early_stopping(step);
        if self.restored_epoch.is_some() {
            self.repeat_nothing_at(step);
        }
        self.compare_orders();
    }

    /// Goes on within an epoch that begins, if a training before has been through a part of it.
    pub(super) fn go_on_within(&mut self, number: f64) {
        if self.phase().number != self.restored_phase.number {
            return;
        }
        let Some(restored) = self.restored_epoch.take() else { return };
        if restored.number.to_bits() != number.to_bits() {
            return self.problem(problem::other_epoch(restored.number, number));
        }
        if let Some(epoch) = &mut self.epoch {
            epoch.first_step = restored.first_step;
            epoch.before = restored.times;
            epoch.goes_on_at = Some(restored.position);
            self.writer.restore_sums(&restored.sums);
        }
    }

    /// How many of the batches of a loop that begins a training before has been through.
    pub(super) fn left_out(&mut self, total: Option<u64>) -> LeftOut {
        let open = self.epoch.as_mut().map(|epoch| (epoch.goes_on_at, epoch));
        let Some((Some(Position { loops, batches, total: known }), epoch)) = open else {
            return LeftOut::First(0);
        };
        if epoch.loops < loops {
            return LeftOut::All;
        }
        epoch.goes_on_at = None;
        if known == total {
            return LeftOut::First(batches);
        }
        let number = epoch.number;
        epoch.first_step = self.steps;
        self.writer.begin_epoch();
        self.problem(problem::other_batches(number, known, total));
        LeftOut::First(0)
    }

    /// Says if the data come in another order than in the training before.
    fn compare_orders(&mut self) {
        if let (Some(before), Some(now)) = (self.restored_order, self.order) {
            self.restored_order = None;
            if before != now {
                self.problem(problem::other_order(&before, &now));
            }
        }
    }

    /// The training before may have gone on behind the step of its checkpoint without taking another one:
    /// evaluations and the epoch's end, which come again now, are in the run already.
    fn repeat_nothing_at(&mut self, step: u64) {
        let Some(run) = self.tracker.context() else { return };
        let measured = |reader: RunReader| {
            let mut names = reader.metrics()?;
            let mut result = Ok(());
            names.retain(|name| match reader.series_in(name, step..=step) {
                Ok(rows) => !rows.is_empty(),
                Err(error) => {
                    result = Err(error);
                    false
                }
            });
            result.map(|()| names)
        };
        match RunReader::of_context(run).and_then(measured) {
            Ok(names) => self.writer.leave_out_at(step.into(), &names),
            Err(error) => self.problem(resumed_run_not_read(&error)),
        }
    }
}
