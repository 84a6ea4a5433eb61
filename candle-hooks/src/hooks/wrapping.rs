//! Wrapping the parts of a loop: epochs, batches, optimizers, evaluations, and its end.

use std::any::type_name;

use candle_nn::Optimizer;
use tracker_core::adapter::recorder::{self, LoopHandle as _};

use super::Hooks;
use crate::{Batches, EpochNumber, Epochs, Scope, TrackedOptimizer};

/// Wrapping the loop.
impl Hooks {
    /// Goes over epochs. When one ends, its means are logged, at the step of its last batch:
    /// `train/loss`, `train/accuracy`, `epoch`, `learning_rate`, `epoch_seconds`,
    /// `items_per_second` and `data_wait`. The seconds are those of the whole epoch with its
    /// validation; the speed is that of the training alone, and `data_wait` the share of that time
    /// in which it waited for its next batch.
    ///
    /// An epoch ends when the next one begins, and when the iterator is dropped. The epochs end
    /// early when somebody asks the run to stop, and by
    /// [`early_stopping`](Self::early_stopping).
    ///
    /// An epoch that was cut short, by an error, a panic, a `break` out of both loops or a request
    /// to stop now, has no means: they would stand beside those of whole epochs. Its steps are
    /// logged. A `break` out of its batches alone makes it a short one, with means. Where nobody wraps
    /// batches, one that is left by `break` is over once the training goes on, evaluates, or the run is
    /// finished while these hooks live.
    ///
    /// The items are the epochs' numbers as you count them, from 0, from 1, or from where a run
    /// was resumed; see [`EpochNumber`].
    pub fn epochs<I>(&self, epochs: I) -> Epochs<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: EpochNumber,
    {
        recorder::Epochs::new(self.clone(), epochs.into_iter())
    }

    /// Goes over batches, of any type: indices, tensors, the `Result`s of a `Batcher`. It ends
    /// early when somebody asks the run to stop now; without epochs, also when somebody asks it to
    /// stop after the epoch.
    ///
    /// What is measured between two batches belongs to one step, before the optimizer's step or
    /// after it. Within [`valid`](Self::valid), and within other batches, it changes nothing.
    pub fn batches<I: IntoIterator>(&self, batches: I) -> Batches<I::IntoIter> {
        recorder::Batches::new(self.clone(), batches.into_iter())
    }

    /// Wraps the optimizer whose steps are those of the training.
    ///
    /// Each [`backward_step`](Optimizer::backward_step) logs `batch/train/loss`,
    /// `batch/train/items` and `batch/train/step_seconds`, `learning_rate` where it changes, and
    /// `gradients/norm` each tenth time. Wrapping another optimizer, for
    /// a second phase of the training, hands the steps over to it; for optimizers that work side
    /// by side see [`optimizer_named`](Self::optimizer_named).
    pub fn optimizer<O: Optimizer>(&self, optimizer: O) -> TrackedOptimizer<O> {
        let role = self.session().map(|mut session| {
            let role = session.recorder.new_owner();
            session.know_optimizer(role, type_name::<O>());
            role
        });
        TrackedOptimizer::wrap(self.clone(), role, optimizer)
    }

    /// Wraps an optimizer that works beside the one that counts the steps, such as that of a
    /// GAN's critic.
    ///
    /// Its losses are `batch/train/<name>/loss` and `train/<name>/loss`, its learning rate is
    /// `train/<name>/learning_rate`, all at the steps of the other optimizer. Several of its
    /// steps within one of the other make one mean.
    pub fn optimizer_named<O: Optimizer>(&self, name: &str, optimizer: O) -> TrackedOptimizer<O> {
        let role = self.session().map(|mut session| {
            let role = session.recorder.named(name);
            session.know_optimizer(role, type_name::<O>());
            role
        });
        TrackedOptimizer::wrap(self.clone(), role, optimizer)
    }

    /// Evaluates on the validation data: what `evaluate` gives to the scope is averaged, weighted
    /// by batch size, and logged as `valid/loss` and `valid/accuracy` at the last training step.
    ///
    /// Go over several batches within the closure. Called after the batches of an epoch, it
    /// belongs to that epoch; without epochs it works as well.
    ///
    /// ```
    /// # use candle_hooks::{Hooks, candle_core::{DType, Device, Result, Tensor}};
    /// # fn main() -> candle_core::Result<()> {
    /// # let hooks = Hooks::disabled();
    /// # let model = |images: &Tensor| Ok::<_, candle_hooks::candle_core::Error>(images.clone());
    /// # let images = Tensor::zeros((4, 10), DType::F32, &Device::Cpu)?;
    /// # let batches = [(images, Tensor::zeros(4, DType::U32, &Device::Cpu)?)];
    /// hooks.valid(|valid| {
    ///     for (images, labels) in &batches {
    ///         valid.accuracy(&model(images)?, labels)?;
    ///     }
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn valid<T>(&self, evaluate: impl FnOnce(&Scope<'_>) -> T) -> T {
        self.evaluate("valid", evaluate)
    }

    /// Evaluates as [`valid`](Self::valid) does, under another name: `test` logs `test/loss` and
    /// `test/accuracy`.
    pub fn evaluate<T>(&self, name: &str, evaluate: impl FnOnce(&Scope<'_>) -> T) -> T {
        let scope = Scope::begin(self, name);
        let result = evaluate(&scope);
        scope.end();
        result
    }

    /// Whether the training should end: somebody asked the run to stop, or
    /// [`early_stopping`](Self::early_stopping) says so. [`epochs`](Self::epochs) and
    /// [`batches`](Self::batches) ask by themselves; a loop without them asks once a step.
    pub fn should_stop(&self) -> bool {
        self.is_to_end()
    }

    /// Reads all values that are still on a device, logs them, and waits until all checkpoints are
    /// on the disk; a disk that takes nothing for a minute is not waited for.
    ///
    /// The end of [`epochs`](Self::epochs) and `run.finish()` do the same by themselves. Call it
    /// where something else is to be read from the run in the middle of a training.
    pub fn flush(&self) {
        if let Some(mut session) = self.session() {
            session.flush();
        }
    }
}
