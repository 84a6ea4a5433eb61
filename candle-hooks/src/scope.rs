//! An evaluation within a training.

use candle_core::{Result, Tensor};
use parking_lot::Mutex;

use crate::{
    AccuracyOptions, Hooks, MetricValue, accuracy, session::OpenScope, step_values::StepValues,
};

/// Takes what an evaluation measures; see [`Hooks::valid`].
#[derive(Debug)]
pub struct Scope<'a> {
    hooks: &'a Hooks,
    /// `None` where nothing is tracked.
    open: Option<OpenScope>,
    values: Mutex<StepValues>,
}

impl<'a> Scope<'a> {
    pub(crate) fn begin(hooks: &'a Hooks, name: &str) -> Self {
        let open = hooks.session().map(|mut session| session.begin_scope(name));
        Self { hooks, open, values: Mutex::default() }
    }

    /// Logs what was measured.
    pub(crate) fn end(mut self) {
        self.close(true);
    }

    fn close(&mut self, log: bool) {
        if let Some(open) = self.open.take()
            && let Some(mut session) = self.hooks.session()
        {
            let values = std::mem::take(self.values.get_mut());
            session.end_scope(&open, if log { values } else { StepValues::default() });
        }
    }

    /// Takes the mean loss of a batch: a tensor with one element, of any shape and float type.
    /// Its weight is found as that of [`Hooks::loss`].
    pub fn loss(&self, loss: &Tensor) {
        if let Some(mut session) = self.hooks.session() {
            session.scope_loss(&mut self.values.lock(), loss);
        }
    }

    /// Counts the right answers of a batch, as [`Hooks::accuracy`] does.
    ///
    /// # Errors
    /// As for [`Hooks::accuracy`].
    pub fn accuracy(&self, logits: &Tensor, labels: &Tensor) -> Result<()> {
        self.accuracy_with(logits, labels, &AccuracyOptions::new())
    }

    /// Counts the right answers of a batch, as [`Hooks::accuracy_with`] does.
    ///
    /// # Errors
    /// As for [`Hooks::accuracy_with`].
    pub fn accuracy_with(
        &self,
        logits: &Tensor,
        labels: &Tensor,
        options: &AccuracyOptions,
    ) -> Result<()> {
        if self.hooks.is_enabled() {
            let count = accuracy::count_with(logits, labels, options)?;
            if let Some(mut session) = self.hooks.session() {
                session.scope_answers(&mut self.values.lock(), &count, options.best());
            }
        }
        Ok(())
    }

    /// Takes any other value of a batch, as [`Hooks::metric`] does: its mean over the batches is
    /// logged as `valid/<name>`.
    pub fn metric<'v>(&self, name: &str, value: impl Into<MetricValue<'v>>) {
        if let Some(mut session) = self.hooks.session() {
            session.scope_metric(&mut self.values.lock(), name, value.into());
        }
    }

    /// Says how many items a batch has, once for each batch; see [`Hooks::batch_size`].
    pub fn batch_size(&self, items: usize) {
        self.values.lock().state_items(items as u64);
    }
}

impl Drop for Scope<'_> {
    /// Only a panic comes here with the scope open: half an evaluation is none.
    fn drop(&mut self) {
        self.close(false);
    }
}
