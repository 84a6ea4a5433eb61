//! Going on from a checkpoint, in the middle of an epoch too.

use crate::{
    adapter::{
        checkpoints::TrainingState,
        order::Order,
        recorder::{
            loop_state::{EpochState, LoopState, Position, SavedSums},
            phase::Phase,
            problem,
            reading::ReadBack,
            row::OptimizerIndex,
            series::Shown,
            state::Recorder,
        },
        resumed_run_not_read, tell,
    },
    read::RunReader,
};

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
    /// Where the training stands after the last step, whose values have been [read](Self::flush): for a
    /// checkpoint, after this epoch or within one, of which these values are known.
    pub fn training_state(&self, epoch: Option<u64>, values: &[Shown]) -> TrainingState {
        let phase = self.phase();
        let last_over = self.last_over.filter(|(of, _)| *of == phase.number);
        let names = self.optimizer_names().map(str::to_owned);
        TrainingState {
            epoch,
            last_epoch: last_over.map(|(_, number)| number),
            phase,
            step: self.last_step(),
            within: self.loop_state(),
            metrics: values.iter().map(|(name, value, _)| (name.clone(), *value)).collect(),
            learning_rates: self.learning_rates(),
            optimizer_steps: names.zip(self.taken_by_all()).collect(),
        }
    }

    fn loop_state(&self) -> LoopState {
        let of_last_step = |(step, _): &&(u64, EpochState)| *step == self.last_step();
        let broken_off = || Some(self.broken_off.as_ref().filter(of_last_step)?.1.clone());
        let epoch = self.epoch_state().or_else(broken_off);
        let is_between_epochs = self.phase.is_some() && epoch.is_none();
        let is_accumulating = is_between_epochs && !self.stepped && !self.row.is_empty();
        let open = self.epoch.as_ref().map(|open| open.number);
        let unplaced = open.filter(|_| epoch.is_none());
        let (episodes, order) = (self.episodes, self.order);
        LoopState { episodes, order, is_accumulating, unplaced, epoch }
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
    /// Goes on from where a training stood at its checkpoint. What the run has beyond that must be
    /// superseded already.
    pub fn go_on_from(&mut self, state: &TrainingState) {
        let LoopState { episodes, order, is_accumulating, unplaced, epoch } = state.within.clone();
        let (step, phase) = (state.step, state.phase);
        let has_epochs = state.last_epoch.is_some() || unplaced.is_some() || epoch.is_some();
        self.steps = step.wrapping_add(1);
        self.restored_phase = phase;
        self.episodes = episodes;
        self.restored_order = order;
        self.restored_epoch = epoch;
        self.forget_sums_of_others();
        self.trained = Some((phase.number, state.last_epoch));
        self.last_over = state.last_epoch.map(|last| (phase.number, last));
        if let Some(number) = unplaced {
            self.problem(problem::begins_epoch_anew(number));
        }
        if is_accumulating {
            self.problem(problem::accumulated_lost(step));
        }
        self.begun = true;
        self.announced = None;
        for (name, steps) in &state.optimizer_steps {
            let rate = state.learning_rates.iter().find(|(of, _)| of == name);
            self.restore_optimizer(name, *steps, rate.map(|(_, rate)| *rate));
        }
        self.replay_early_stopping(step);
        self.repeat_nothing_at(step);
        self.goes_on_in = has_epochs.then_some(phase);
        self.compare_orders();
    }

    /// Of several processes only the first saves: its sums are none of the others'.
    fn forget_sums_of_others(&mut self) {
        let is_other = self.tracker.context().is_some_and(|run| run.rank() > 0);
        if let Some(epoch) = self.restored_epoch.as_mut().filter(|_| is_other) {
            epoch.sums = SavedSums::default();
            let number = epoch.number;
            self.problem(problem::means_of_a_part(number));
        }
    }

    fn restore_optimizer(&mut self, name: &str, steps: u64, learning_rate: Option<f64>) {
        let index = self.writer.optimizer_called(name);
        self.set_taken(index, steps);
        if index == OptimizerIndex::OWNER {
            self.counter.restored = Some(steps);
        }
        if let Some(rate) = learning_rate {
            self.writer.restore_learning_rate(index, rate);
        }
    }

    /// Whether a training before has been through this epoch: it is of a phase before, or of the same
    /// one. The first that it has not ends the search.
    pub(super) fn is_trained(&mut self, number: f64) -> bool {
        let Some((phase, last)) = self.trained else { return false };
        let current = self.phase().number;
        let is_over = last.is_some_and(|last| number <= last as f64);
        let is_trained = current < phase || current == phase && is_over;
        if !is_trained {
            self.trained = None;
            // Epochs that count downwards, or that begin elsewhere, are none of those that are over. Where
            // the checkpoint is of the middle of one, that is told when it begins.
            let is_elsewhere = |last: &u64| {
                let was_left_out = self.last_number == Some(*last as f64);
                let is_beyond = number > *last as f64 + 1.0 && !was_left_out;
                current == phase && is_beyond && self.restored_epoch.is_none()
            };
            if let Some(last) = last.filter(is_elsewhere) {
                self.problem(problem::epochs_left_out(last, number));
            }
        }
        is_trained
    }

    /// Says if a training that was resumed had been through all of its epochs.
    pub(super) fn tell_nothing_left(&mut self) {
        let was_left_out = self.last_number.is_some() && self.epoch.is_none();
        if let Some((_, Some(last))) = self.trained.take_if(|_| was_left_out) {
            let text =
                format!("nothing is left to train: the checkpoint is of the last epoch, {last}");
            tell(&*self.tracker, &text);
        }
    }

    /// Whether the program has yet to come to where the training before ended: what it evaluates on the
    /// way, it has evaluated there, at steps of their own.
    pub(super) fn is_on_the_way(&self) -> bool {
        let Some(restored) = self.goes_on_in else { return false };
        let is_before = |phase: Phase| phase.number < restored.number;
        self.epoch.is_none() && self.phase.is_none_or(is_before)
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
            epoch.position = Some(restored.position);
            epoch.goes_on_at = Some(restored.position);
            self.writer.restore_sums(&restored.sums);
        }
    }

    /// How many of the batches of a loop that begins a training before has been through.
    pub(super) fn left_out(&mut self, length: Option<u64>) -> LeftOut {
        let open = self.epoch.as_mut().map(|epoch| (epoch.goes_on_at, epoch));
        let Some((Some(Position { loops, batches, length: known }), epoch)) = open else {
            return LeftOut::First(0);
        };
        if epoch.loops < loops {
            return LeftOut::All;
        }
        epoch.goes_on_at = None;
        if known == length {
            return LeftOut::First(batches);
        }
        let number = epoch.number;
        epoch.first_step = self.steps;
        epoch.position = None;
        self.writer.begin_epoch();
        self.problem(problem::other_batches(number, known, length));
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
            let now = reader.snapshot()?;
            let mut names = now.metrics();
            let mut result = Ok(());
            names.retain(|name| match now.series_in(name, step..=step) {
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
