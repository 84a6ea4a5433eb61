//! Handing over what a step measured.

use candle_core::{Tensor, backprop::GradStore};
use tracker_core::adapter::recorder::{LoopHandle as _, OptimizerIndex, Recorder};

use super::Hooks;
use crate::{AccuracyOptions, MetricValue, accuracy, session::single};

/// Values.
impl Hooks {
    /// Runs backward from a loss and logs it: for loops that change the gradients before
    /// `optimizer.step(&gradients)`, to clip or to accumulate them. Several losses within a step
    /// are averaged; those after the last step of an epoch belong to the first of the next one.
    ///
    /// # Errors
    /// Those of [`Tensor::backward`].
    pub fn backward(&self, loss: &Tensor) -> candle_core::Result<GradStore> {
        if let Some(mut session) = self.session() {
            session.backward(OptimizerIndex::OWNER, loss);
        }
        loss.backward()
    }

    /// Logs the loss of the current step, where neither the optimizer nor
    /// [`backward`](Self::backward) sees it, or where they see a scaled one: what is given here counts
    /// alone. The same tensor counts once.
    ///
    /// The loss is a number, or a tensor with one element, of any shape and float type. Its weight in the
    /// epoch's mean is the number of items of its batch: what [`batch_size`](Self::batch_size)
    /// says, else the first dimension of the logits given to [`accuracy`](Self::accuracy) in the
    /// same step, else the first dimension of the tensor that was reduced to the loss, which its
    /// graph tells.
    pub fn loss<'a>(&self, loss: impl Into<MetricValue<'a>>) {
        if let Some(mut session) = self.session() {
            session.loss(OptimizerIndex::OWNER, loss.into());
        }
    }

    /// Counts how many answers are right, as `batch/train/accuracy` and `train/accuracy`:
    /// fractions from 0 to 1.
    ///
    /// | logits | labels | an answer is |
    /// |---|---|---|
    /// | `(batch, classes)` | `(batch)` or `(batch, 1)`, class indices of any integer type | the class with the greatest logit |
    /// | `(batch, .., classes)` | `(batch, ..)` | the same, for each token |
    /// | `(batch, classes, ..)` | `(batch, ..)` | the same, for each pixel |
    /// | `(batch, classes)` | `(batch, classes)`, one-hot | the class with the greatest logit |
    /// | `(batch)` or `(batch, 1)` | `(batch)` or `(batch, 1)`, 0 or 1 | 1 where the logit is above 0 |
    ///
    /// Several yes-or-no answers an item, as in tagging, are none of these: `(batch, tags)` beside
    /// 0 or 1 of the same shape is read as one-hot. Flatten both to one dimension instead.
    ///
    /// Logits are of any float type; probabilities do as well, but for the last row. Of logits
    /// that are NaN, the answer is class 0: look at the loss to see that a model is dead.
    ///
    /// # Errors
    /// If the shapes are none of these, or an operation on the device fails.
    pub fn accuracy(&self, logits: &Tensor, labels: &Tensor) -> candle_core::Result<()> {
        self.accuracy_with(logits, labels, &AccuracyOptions::new())
    }

    /// Counts right answers as [`accuracy`](Self::accuracy) does, with options: labels to leave out,
    /// a mask, answers among the best five, which are logged as `top_5_accuracy`.
    ///
    /// ```
    /// # use candle_hooks::{AccuracyOptions, Hooks, candle_core::{DType, Device, Result, Tensor}};
    /// # fn main() -> candle_core::Result<()> {
    /// # let hooks = Hooks::disabled();
    /// # let logits = Tensor::zeros((2, 8, 50), DType::F32, &Device::Cpu)?;
    /// # let labels = Tensor::zeros((2, 8), DType::I64, &Device::Cpu)?;
    /// hooks.accuracy_with(&logits, &labels, &AccuracyOptions::new().ignore_label(-100))?;
    /// hooks.accuracy_with(&logits, &labels, &AccuracyOptions::new().top_k(5))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`accuracy`](Self::accuracy), or if the options do not fit the labels.
    pub fn accuracy_with(
        &self,
        logits: &Tensor,
        labels: &Tensor,
        options: &AccuracyOptions,
    ) -> candle_core::Result<()> {
        if self.is_enabled() {
            let count = accuracy::count_with(logits, labels, options)?;
            self.record(|recorder| recorder.answers(&count, options.best()));
        }
        Ok(())
    }

    /// Logs any other value of the current step, as `batch/train/<name>`; the mean over the epoch,
    /// weighted by batch size, is `train/<name>`. A tensor with one element is not waited for.
    ///
    /// ```
    /// # use candle_hooks::{Hooks, candle_core::{Device, Result, Tensor}};
    /// # fn main() -> candle_core::Result<()> {
    /// # let hooks = Hooks::disabled();
    /// # let probabilities = Tensor::new(&[0.2_f32, 0.8], &Device::Cpu)?;
    /// let entropy = (&probabilities * probabilities.log()?)?.sum_all()?.neg()?;
    /// hooks.metric("entropy", &entropy);
    /// hooks.metric("temperature", 0.7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn metric<'a>(&self, name: &str, value: impl Into<MetricValue<'a>>) {
        self.record(|recorder| {
            if let Some(value) = single(recorder, name, value.into()) {
                recorder.metric(name, value);
            }
        });
    }

    /// Says how many items the current batch has, where that is not the first dimension of the
    /// logits or of what the loss was taken over. Call it once for each batch.
    pub fn batch_size(&self, items: usize) {
        self.record(|recorder| recorder.state_items(items as u64));
    }

    /// Says that a step was taken: for those that no wrapped optimizer tells, such as those of LBFGS,
    /// of a closure, or of an optimizer of your own. What was measured since the last one belongs to
    /// it. Where a step gathers several batches, say [`counts_steps`](Self::counts_steps) first.
    ///
    /// ```
    /// # use candle_hooks::{Hooks, tracker_core::MemoryTracker};
    /// # let run = MemoryTracker::new();
    /// # let hooks = Hooks::new(&run);
    /// # fn update() -> f64 { 0.5 }
    /// for _ in 0..10 {
    ///     let loss = update();
    ///     hooks.loss(loss);
    ///     hooks.step();
    /// }
    /// # assert_eq!(run.series("batch/train/loss").len(), 10);
    /// ```
    pub fn step(&self) {
        self.record(Recorder::step_by_hand);
    }

    /// Says that an episode of reinforcement learning is over: logs its number, its reward (as
    /// `episode/reward`) and its length in steps of the environment (as `episode/length`) at the last
    /// step of the training. An epoch has their means, as `train/reward` and `train/episode_length`.
    pub fn episode(&self, reward: f64, length: u64) {
        self.record(|recorder| recorder.episode(reward, length));
    }
}
