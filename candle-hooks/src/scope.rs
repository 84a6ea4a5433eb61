//! An evaluation within a training.

use candle_core::{Result, Tensor};
use tracker_core::adapter::recorder::EvaluationScope;

use crate::{AccuracyOptions, Hooks, MetricValue, accuracy, session::single};

/// Takes what an evaluation measures; see [`Hooks::valid`].
#[derive(Debug)]
pub struct Scope<'a> {
    hooks: &'a Hooks,
    scope: EvaluationScope<'a, Hooks>,
}

impl<'a> Scope<'a> {
    pub(crate) fn begin(hooks: &'a Hooks, name: &str) -> Self {
        Self { hooks, scope: EvaluationScope::begin(hooks, name) }
    }

    /// Logs what was measured.
    pub(crate) fn end(self) {
        self.scope.end();
    }

    /// Takes the mean loss of a batch: a tensor with one element, of any shape and float type.
    /// Its weight is found as that of [`Hooks::loss`].
    pub fn loss<'v>(&self, loss: impl Into<MetricValue<'v>>) {
        self.metric("loss", loss);
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
            let best = options.best();
            self.scope.record(|recorder, open| recorder.evaluation_answers(open, &count, best));
        }
        Ok(())
    }

    /// Takes any other value of a batch, as [`Hooks::metric`] does: its mean over the batches is
    /// logged as `valid/<name>`.
    pub fn metric<'v>(&self, name: &str, value: impl Into<MetricValue<'v>>) {
        self.scope.record(|recorder, open| {
            if let Some(value) = single(recorder, name, value.into()) {
                recorder.evaluation_metric(open, name, value);
            }
        });
    }

    /// Says how many items a batch has, once for each batch; see [`Hooks::batch_size`].
    pub fn batch_size(&self, items: usize) {
        self.scope.state_items(items as u64);
    }
}
