//! An optimizer that logs its steps.

use candle_core::{Result, Tensor, Var, backprop::GradStore};
use candle_nn::Optimizer;

use crate::{Hooks, session::Role};

/// An [`Optimizer`] around another one: it steps as that one does, and logs the step.
///
/// Made by [`Hooks::optimizer`]. It fits wherever an optimizer fits that is named by its trait, so
/// write `fn train<O: Optimizer>(optimizer: &mut O)`. It does not dereference to the optimizer
/// within: `&mut AdamW` would step unseen.
#[derive(Debug)]
pub struct TrackedOptimizer<O> {
    inner: O,
    hooks: Hooks,
    /// `None` where nothing is tracked.
    role: Option<Role>,
}

impl<O> TrackedOptimizer<O> {
    pub(crate) fn wrap(hooks: Hooks, role: Option<Role>, inner: O) -> Self {
        Self { inner, hooks, role }
    }

    /// The optimizer within.
    pub fn inner(&self) -> &O {
        &self.inner
    }

    /// The optimizer within, to change its parameters. Steps that it takes itself are not logged.
    pub fn inner_mut(&mut self) -> &mut O {
        &mut self.inner
    }

    /// Unwraps the optimizer within.
    pub fn into_inner(self) -> O {
        self.inner
    }
}

impl<O: Optimizer> TrackedOptimizer<O> {
    /// Logs a step that `step` takes.
    fn tracked(
        &mut self,
        loss: Option<&Tensor>,
        step: impl FnOnce(&mut O) -> Result<()>,
    ) -> Result<()> {
        let Some(role) = self.role else { return step(&mut self.inner) };
        if let Some(mut session) = self.hooks.session() {
            session.begin_step(role, loss, self.inner.learning_rate());
        }
        step(&mut self.inner)?;
        if let Some(mut session) = self.hooks.session() {
            session.end_step(role);
        }
        Ok(())
    }
}

impl<O: Optimizer> Optimizer for TrackedOptimizer<O> {
    type Config = O::Config;

    /// A new optimizer that is not tracked: there are no hooks to log to. Wrap one with
    /// [`Hooks::optimizer`] instead.
    fn new(vars: Vec<Var>, config: Self::Config) -> Result<Self> {
        Ok(Self::wrap(Hooks::disabled(), None, O::new(vars, config)?))
    }

    /// Takes a step and counts it. The loss comes from [`Hooks::backward`] or [`Hooks::loss`].
    fn step(&mut self, grads: &GradStore) -> Result<()> {
        self.tracked(None, |inner| inner.step(grads))
    }

    /// Runs backward and takes a step, as the optimizer within does it, and logs the loss.
    fn backward_step(&mut self, loss: &Tensor) -> Result<()> {
        self.tracked(Some(loss), |inner| inner.backward_step(loss))
    }

    fn learning_rate(&self) -> f64 {
        self.inner.learning_rate()
    }

    fn set_learning_rate(&mut self, lr: f64) {
        self.inner.set_learning_rate(lr);
    }
}
