//! What one step measured, before it is logged.

use crate::{
    Step, Timestamp,
    adapter::recorder::{reading::Reading, step_values::StepValues},
};

/// An optimizer by its place among those of a training; the first owns the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptimizerIndex(pub(crate) usize);

impl OptimizerIndex {
    /// The one that owns the step.
    pub const OWNER: Self = Self(0);
}

/// The step and the time at which something was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepTime {
    pub(crate) step: Step,
    pub(crate) time: Timestamp,
}

impl StepTime {
    pub(crate) fn now(step: u64) -> Self {
        Self { step: Step(step), time: Timestamp::now() }
    }
}

/// What one step measured, by optimizer.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) owner: StepValues,
    pub(crate) named: Vec<(OptimizerIndex, StepValues)>,
    pub(crate) learning_rates: Vec<(OptimizerIndex, f64)>,
    pub(crate) gradient_norms: Vec<(OptimizerIndex, Reading)>,
    /// How long the step took, where that is known.
    pub(crate) seconds: Option<f64>,
}

impl Row {
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values were measured.
    pub(crate) fn len(&self) -> usize {
        let named = self.named.iter().map(|(_, values)| values.len());
        self.owner.len() + named.sum::<usize>()
    }

    /// Whether all values have arrived.
    pub(crate) fn is_ready(&self) -> bool {
        self.owner.is_ready()
            && self.named.iter().all(|(_, values)| values.is_ready())
            && self.gradient_norms.iter().all(|(_, norm)| norm.is_ready())
    }

    /// What the optimizer measures in this step.
    pub(crate) fn values(&mut self, optimizer: OptimizerIndex) -> &mut StepValues {
        if optimizer == OptimizerIndex::OWNER {
            return &mut self.owner;
        }
        let found = self.named.iter().position(|(index, _)| *index == optimizer);
        let at = found.unwrap_or_else(|| {
            self.named.push((optimizer, StepValues::default()));
            self.named.len() - 1
        });
        &mut self.named[at].1
    }

    /// Keeps the learning rate of the step; the last one of an optimizer counts.
    pub(crate) fn set_learning_rate(&mut self, optimizer: OptimizerIndex, rate: f64) {
        self.learning_rates.retain(|(index, _)| *index != optimizer);
        self.learning_rates.push((optimizer, rate));
    }

    /// Keeps the norm of the step's gradients; the last one of an optimizer counts.
    pub(crate) fn set_gradient_norm(&mut self, optimizer: OptimizerIndex, norm: Reading) {
        self.gradient_norms.retain(|(index, _)| *index != optimizer);
        self.gradient_norms.push((optimizer, norm));
    }
}
