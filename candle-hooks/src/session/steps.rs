//! From one step of an optimizer to the next.

use std::{collections::HashSet, mem};

use candle_core::{Tensor, TensorId};

use crate::{
    gradients::Amount,
    problem,
    readback::Reading,
    row::{OptimizerIndex, StepTime},
    session::{Role, Session, state::Waiting},
};

/// Optimizers.
impl Session {
    /// Makes an optimizer the owner of the step.
    pub(crate) fn new_owner(&mut self) -> Role {
        self.owners += 1;
        if self.owners > 1 {
            // Another one, for another part of the training: its schedule begins anew.
            self.set_taken(OptimizerIndex::OWNER, 0);
        }
        self.owner = Some(self.owners);
        Role::Owner(self.owners)
    }

    pub(crate) fn named(&mut self, name: &str) -> Role {
        Role::Named(self.writer.optimizer(name))
    }

    /// How many steps an optimizer has taken, with those before the checkpoint that the training
    /// goes on from.
    pub(crate) fn taken(&self, role: Role) -> u64 {
        self.taken.get(role.index().0).copied().unwrap_or(0)
    }

    pub(super) fn set_taken(&mut self, index: OptimizerIndex, steps: u64) {
        if self.taken.len() <= index.0 {
            self.taken.resize(index.0 + 1, 0);
        }
        self.taken[index.0] = steps;
    }

    /// Whether the norm of the gradients of the optimizer's next step is to be logged.
    pub(super) fn is_norm_due(&self, optimizer: OptimizerIndex) -> bool {
        let taken = self.taken.get(optimizer.0).copied().unwrap_or(0);
        let is_due = self.gradient_norm_every > 0 && taken.is_multiple_of(self.gradient_norm_every);
        self.is_tracked && (is_due || self.is_watch_due(optimizer))
    }

    /// The variables of the last loss, if the norm of their gradients is to be logged now.
    pub(crate) fn variables_for_norm(&mut self, role: Role) -> Option<Vec<Tensor>> {
        self.is_norm_due(role.index()).then(|| self.take_variables(role.index()))
    }

    /// Keeps the variables of a loss until the optimizer's step.
    pub(super) fn add_variables(&mut self, optimizer: OptimizerIndex, more: Vec<Tensor>) {
        let Some((_, known)) = self.variables.iter_mut().find(|(of, _)| *of == optimizer) else {
            return self.variables.push((optimizer, more));
        };
        let ids: HashSet<TensorId> = known.iter().map(Tensor::id).collect();
        known.extend(more.into_iter().filter(|variable| !ids.contains(&variable.id())));
    }

    fn take_variables(&mut self, optimizer: OptimizerIndex) -> Vec<Tensor> {
        let found = self.variables.iter().position(|(of, _)| *of == optimizer);
        found.map(|at| self.variables.swap_remove(at).1).unwrap_or_default()
    }

    /// Whether another optimizer counts the steps now.
    pub(super) fn is_former_owner(&self, role: Role) -> bool {
        matches!(role, Role::Owner(number) if self.owner != Some(number))
    }
}

/// Steps.
impl Session {
    /// A step begins.
    pub(crate) fn begin_step(&mut self, role: Role, learning_rate: f64) {
        self.begin();
        if let Role::Owner(number) = role {
            // The second step within a batch begins a row of its own.
            self.close_stepped_row();
            if self.owner == Some(number) {
                self.announce();
            } else {
                self.problem(problem::two_owners(self.steps));
            }
        }
        self.save_if_due();
        self.row.set_learning_rate(role.index(), learning_rate);
    }

    /// Takes the norm of a step's gradients.
    pub(crate) fn gradient_norm(&mut self, role: Role, norm: &Amount) {
        let reading = match norm {
            Amount::Host(norm) => Ok(Reading::Now(*norm)),
            Amount::Device(norm) => self.readings.take(norm),
        };
        let index = role.index();
        let taken = reading.map(|norm| {
            self.row.gradient_norms.retain(|(of, _)| *of != index);
            self.row.gradient_norms.push((index, norm));
        });
        self.count_failure(taken);
    }

    /// A step was taken.
    pub(crate) fn end_step(&mut self, role: Role) {
        if self.is_former_owner(role) {
            return;
        }
        self.set_taken(role.index(), self.taken(role) + 1);
        if matches!(role, Role::Named(_)) {
            return;
        }
        self.count_step();
        if self.batches.is_none() {
            self.close_stepped_row();
            self.writer.progress().batch();
        }
        self.settle();
        self.keep_step();
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

    /// Takes a step where no optimizer does.
    pub(super) fn step_without_optimizer(&mut self) {
        self.count_step();
        self.close_stepped_row();
        self.keep_step();
    }

    /// The step of the open row was taken.
    fn count_step(&mut self) {
        if self.steps == 0 {
            // What was evaluated before the training is not of its first step.
            self.read_evaluations();
        }
        self.row.seconds = self.clock.step();
        self.stepped = true;
        self.steps += 1;
        if let Some(epoch) = &mut self.epoch {
            epoch.stepped();
        }
    }
}
