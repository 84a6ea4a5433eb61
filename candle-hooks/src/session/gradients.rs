//! The norms of gradients, where they are due.

use std::collections::HashSet;

use candle_core::{Tensor, TensorId};
use tracker_core::adapter::recorder::{Measured, OptimizerIndex, Role};

use crate::{gradients::Amount, session::Session};

impl Session {
    /// Whether the norm of the gradients of the optimizer's next step is to be logged.
    pub(super) fn is_norm_due(&self, optimizer: OptimizerIndex) -> bool {
        let taken = self.recorder.taken(optimizer);
        let is_due = self.gradient_norm_every > 0 && taken.is_multiple_of(self.gradient_norm_every);
        self.recorder.is_tracked() && (is_due || self.is_watch_due(optimizer))
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

    /// Takes the norm of a step's gradients.
    pub(crate) fn gradient_norm(&mut self, role: Role, norm: &Amount) {
        self.recorder.gradient_norm(
            role,
            match norm {
                Amount::Host(norm) => Measured::Number(*norm),
                Amount::Device(norm) => Measured::Value(norm),
            },
        );
    }
}
