//! From one step of an optimizer to the next.
//!
//! Who counts is decided once, in this order: an optimizer that owns the step, the loop itself by
//! [`step`](Recorder::step_by_hand), the batches; and where nobody does, a second loss or the end of
//! an epoch tells that a step was taken. `tests/loops` and the loops of `candle-hooks/tests` hold it.

use std::mem;

use crate::adapter::recorder::{
    milestone::Milestone,
    problem,
    reading::{Measured, ReadBack},
    role::Role,
    row::{OptimizerIndex, StepTime},
    state::{Recorder, Waiting},
};

/// Optimizers.
impl<R: ReadBack> Recorder<R> {
    /// Makes an optimizer the owner of the step.
    pub fn new_owner(&mut self) -> Role {
        self.counter.owners += 1;
        let over = self.phase.filter(|_| self.epoch.is_none());
        if over.is_some_and(|phase| phase.number >= self.restored_phase.number) {
            // It is of the phase that comes next, and the checkpoint was of one before.
            self.counter.restored = None;
        }
        if self.counter.owners > 1 {
            // Another one, for another part of the training: its schedule begins anew.
            self.set_taken(OptimizerIndex::OWNER, self.counter.restored.unwrap_or(0));
        }
        self.counter.owner = Some(self.counter.owners);
        Role::Owner(self.counter.owners)
    }

    /// Whether the owner of the step still has to get what it had at the checkpoint that the training
    /// goes on from.
    pub fn awaits_restored_owner(&self) -> bool {
        self.counter.restored.is_some()
    }

    /// An optimizer that takes steps within those of the owner; the same name gives the same.
    pub fn named(&mut self, name: &str) -> Role {
        Role::Named(self.writer.optimizer(name))
    }

    /// How many steps an optimizer has taken, with those before the checkpoint that the training
    /// goes on from.
    pub fn taken(&self, optimizer: OptimizerIndex) -> u64 {
        self.taken.get(optimizer.0).copied().unwrap_or(0)
    }

    /// The same of all optimizers, in the order of [`optimizer_names`](Self::optimizer_names).
    pub fn taken_by_all(&self) -> impl Iterator<Item = u64> {
        (0..self.writer.optimizer_names().count()).map(|index| self.taken(OptimizerIndex(index)))
    }

    pub(super) fn set_taken(&mut self, index: OptimizerIndex, steps: u64) {
        if self.taken.len() <= index.0 {
            self.taken.resize(index.0 + 1, 0);
        }
        self.taken[index.0] = steps;
    }

    /// Whether another optimizer counts the steps now.
    pub fn is_former_owner(&self, role: Role) -> bool {
        matches!(role, Role::Owner(number) if self.counter.owner != Some(number))
    }
}

/// Steps.
impl<R: ReadBack> Recorder<R> {
    /// A step of an optimizer begins.
    pub fn begin_step(&mut self, role: Role, learning_rate: f64) {
        self.begin();
        self.decide_left(true);
        if let Role::Owner(number) = role {
            // The second step within a batch begins a row of its own.
            self.close_stepped_row();
            if self.counter.owner == Some(number) {
                self.announce();
            } else {
                self.problem(problem::two_owners(self.steps));
            }
        }
        self.row.set_learning_rate(role.index(), learning_rate);
    }

    /// Takes the learning rate of the step, where no optimizer tells it.
    pub fn learning_rate(&mut self, rate: f64) {
        self.begin();
        self.row.set_learning_rate(OptimizerIndex::OWNER, rate);
    }

    /// Takes the norm of the gradients of an optimizer's step.
    pub fn gradient_norm(&mut self, role: Role, norm: Measured<'_, R::Value>) {
        let reading = self.reading(norm);
        let taken = reading.map(|norm| self.row.set_gradient_norm(role.index(), norm));
        self.count_failure(taken);
    }

    /// An optimizer took a step.
    pub fn end_step(&mut self, role: Role) {
        if self.is_former_owner(role) {
            return;
        }
        self.set_taken(role.index(), self.taken(role.index()) + 1);
        if matches!(role, Role::Owner(_)) {
            self.counter.restored = None;
            self.end_counted_step();
        }
    }

    /// The loop says that it took a step: for those that no optimizer tells, such as LBFGS, and
    /// those of an optimizer that cannot be wrapped.
    pub fn step_by_hand(&mut self) {
        self.begin();
        self.decide_left(true);
        if self.counter.owner.is_some() {
            return self.problem(problem::step_twice(self.steps));
        }
        if !mem::replace(&mut self.counter.by_hand, true) && self.counter.took_batch {
            self.problem(problem::counted_before(self.steps));
        }
        self.close_stepped_row();
        self.announce();
        self.end_counted_step();
    }

    fn end_counted_step(&mut self) {
        self.count_step();
        if self.batches.is_none() {
            self.close_stepped_row();
            self.writer.progress().batch();
        }
        self.settle();
        self.milestones.push(Milestone::Step);
    }

    /// Ends the open row if its step was taken.
    pub(super) fn close_stepped_row(&mut self) {
        if !mem::take(&mut self.stepped) {
            return;
        }
        let row = mem::take(&mut self.row);
        self.waiting.push_back(Waiting::Row(row, StepTime::now(self.last_step())));
        self.log_arrived();
    }

    /// Logs what the open row has of a step that was taken. What follows in the same batch belongs to the
    /// same step.
    pub(super) fn log_open_step(&mut self) {
        if self.stepped && !self.row.is_empty() {
            let row = mem::take(&mut self.row);
            self.waiting.push_back(Waiting::Row(row, StepTime::now(self.last_step())));
        }
    }

    /// Takes a batch for a step, where nobody else counts.
    pub(super) fn step_of_batch(&mut self) {
        self.counter.took_batch = true;
        self.step_uncounted();
    }

    /// Takes a step that only a batch, a loss or the end of an epoch tells.
    pub(super) fn step_uncounted(&mut self) {
        self.count_step();
        self.close_stepped_row();
        self.milestones.push(Milestone::Step);
    }

    /// The step of the open row was taken.
    fn count_step(&mut self) {
        if self.steps == 0 {
            // What was evaluated before the training is not of its first step.
            self.read_evaluations();
        }
        self.row.seconds = self.clock.step();
        self.stepped = true;
        self.goes_on_in = None;
        self.steps += 1;
        if let Some(epoch) = &mut self.epoch {
            epoch.stepped(self.batches.as_ref().map(|batches| batches.position(epoch.loops)));
        }
    }
}
