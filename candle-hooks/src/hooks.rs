//! The handle that a training loop holds.

use std::sync::Arc;

use candle_core::{Result, Tensor, backprop::GradStore};
use candle_nn::Optimizer;
use parking_lot::{Mutex, MutexGuard};
use tracker_core::{NoopTracker, Stop, Tracker, progress::ProgressMode};

use crate::{
    Batches, EpochNumber, Epochs, Scope, TrackedOptimizer, accuracy, readback::Readings,
    row::OptimizerIndex, session::Session,
};

/// Hooks a Candle training loop up to a tracker.
///
/// Wrap the epochs, the batches and the optimizer; what they see is logged. Clones share all
/// state, so a part of the loop in another function or thread takes a clone.
///
/// With a tracker that is not [`enabled`](Tracker::enabled), nothing is computed or read back.
///
/// # Steps
///
/// A step is one step of the optimizer that [`optimizer`](Self::optimizer) wraps; the first is
/// step 0. Without such an optimizer, each batch of [`batches`](Self::batches) is a step. Without
/// either, each epoch is one.
///
/// # Failures
///
/// Trouble in a hook never ends the training. It is counted as a [`tracker_core::Problem`] with
/// its step, and the report of `run.finish()` tells. A [`Result`] comes only from tensor
/// operations that you ask for: the backward pass, and the comparison of logits with labels.
#[derive(Debug, Clone)]
pub struct Hooks {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    tracker: Arc<dyn Tracker>,
    /// `None` where nothing is tracked.
    session: Option<Mutex<Session>>,
}

/// Making hooks.
impl Hooks {
    /// Hooks that log to `tracker`, such as `&run`.
    pub fn new(tracker: impl Into<Arc<dyn Tracker>>) -> Self {
        Self::with_readings(tracker.into(), Readings::default())
    }

    /// Hooks that do nothing, for code that needs some.
    pub fn disabled() -> Self {
        Self::new(NoopTracker::new())
    }

    pub(crate) fn with_readings(tracker: Arc<dyn Tracker>, readings: Readings) -> Self {
        let session =
            tracker.enabled().then(|| Mutex::new(Session::new(Arc::clone(&tracker), readings)));
        Self { shared: Arc::new(Shared { tracker, session }) }
    }

    /// Sets how progress is shown, whatever `TRACKER_PROGRESS` says.
    #[must_use]
    pub fn progress(self, mode: ProgressMode) -> Self {
        if let Some(mut session) = self.session() {
            session.set_progress(mode);
        }
        self
    }
}

/// Wrapping the loop.
impl Hooks {
    /// Goes over epochs. When one ends, its means are logged, at the step of its last batch:
    /// `train/loss`, `train/accuracy`, `epoch`, `learning_rate`, `epoch_seconds` and
    /// `items_per_second`. The seconds are those of the whole epoch with its validation; the speed
    /// is that of the training alone.
    ///
    /// An epoch ends when the next one begins, and when the iterator is dropped: by `break`, by
    /// `?`, by a panic. It ends early when somebody asks the run to stop.
    ///
    /// The items are the epochs' numbers as you count them, from 0, from 1, or from where a run
    /// was resumed; see [`EpochNumber`].
    pub fn epochs<I>(&self, epochs: I) -> Epochs<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: EpochNumber,
    {
        Epochs::new(self.clone(), epochs.into_iter())
    }

    /// Goes over batches, of any type: indices, tensors, the `Result`s of a `Batcher`. It ends
    /// early when somebody asks the run to stop.
    ///
    /// What is measured between two batches belongs to one step, before the optimizer's step or
    /// after it. Within [`valid`](Self::valid), and within other batches, it changes nothing.
    pub fn batches<I: IntoIterator>(&self, batches: I) -> Batches<I::IntoIter> {
        Batches::new(self.clone(), batches.into_iter())
    }

    /// Wraps the optimizer whose steps are those of the training.
    ///
    /// Each [`backward_step`](Optimizer::backward_step) logs `batch/train/loss` and
    /// `batch/train/items`, and `learning_rate` where it changes. Wrapping another optimizer, for
    /// a second phase of the training, hands the steps over to it; for optimizers that work side
    /// by side see [`optimizer_named`](Self::optimizer_named).
    pub fn optimizer<O: Optimizer>(&self, optimizer: O) -> TrackedOptimizer<O> {
        let role = self.session().map(|mut session| session.new_owner());
        TrackedOptimizer::wrap(self.clone(), role, optimizer)
    }

    /// Wraps an optimizer that works beside the one that counts the steps, such as that of a
    /// GAN's critic.
    ///
    /// Its losses are `batch/train/<name>/loss` and `train/<name>/loss`, its learning rate is
    /// `train/<name>/learning_rate`, all at the steps of the other optimizer. Several of its
    /// steps within one of the other make one mean.
    pub fn optimizer_named<O: Optimizer>(&self, name: &str, optimizer: O) -> TrackedOptimizer<O> {
        let role = self.session().map(|mut session| session.named(name));
        TrackedOptimizer::wrap(self.clone(), role, optimizer)
    }
}

/// Values.
impl Hooks {
    /// Runs backward from a loss and logs it: for loops that change the gradients before
    /// `optimizer.step(&gradients)`, to clip or to accumulate them. Several losses within a step
    /// are averaged; those after the last step of an epoch belong to the first of the next one.
    ///
    /// # Errors
    /// Those of [`Tensor::backward`].
    pub fn backward(&self, loss: &Tensor) -> Result<GradStore> {
        if let Some(mut session) = self.session() {
            session.backward(loss);
        }
        loss.backward()
    }

    /// Logs the loss of the current step, where neither the optimizer nor
    /// [`backward`](Self::backward) sees it. The same tensor counts once.
    ///
    /// The loss is a tensor with one element, of any shape and float type. Its weight in the
    /// epoch's mean is the number of items of its batch: what [`batch_size`](Self::batch_size)
    /// says, else the first dimension of the logits given to [`accuracy`](Self::accuracy) in the
    /// same step, else the first dimension of the tensor that was reduced to the loss, which its
    /// graph tells.
    pub fn loss(&self, loss: &Tensor) {
        if let Some(mut session) = self.session() {
            session.loss(OptimizerIndex::OWNER, loss);
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
    pub fn accuracy(&self, logits: &Tensor, labels: &Tensor) -> Result<()> {
        if self.is_enabled() {
            let count = accuracy::count(logits, labels)?;
            if let Some(mut session) = self.session() {
                session.answers(&count);
            }
        }
        Ok(())
    }

    /// Says how many items the current batch has, where that is not the first dimension of the
    /// logits or of what the loss was taken over. Call it once for each batch.
    pub fn batch_size(&self, items: usize) {
        if let Some(mut session) = self.session() {
            session.state_items(items as u64);
        }
    }

    /// Evaluates on the validation data: what `evaluate` gives to the scope is averaged, weighted
    /// by batch size, and logged as `valid/loss` and `valid/accuracy` at the last training step.
    ///
    /// Go over several batches within the closure. Called after the batches of an epoch, it
    /// belongs to that epoch; without epochs it works as well.
    ///
    /// ```
    /// # use candle_hooks::{Hooks, candle_core::{DType, Device, Result, Tensor}};
    /// # fn main() -> Result<()> {
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

    /// Reads all values that are still on a device, and logs them.
    ///
    /// Only a loop on a GPU without [`epochs`](Self::epochs) and [`batches`](Self::batches) needs
    /// it, before `run.finish()`: both do the same when they end.
    pub fn flush(&self) {
        if let Some(mut session) = self.session() {
            session.flush();
        }
    }
}

impl Hooks {
    /// Whether anything is tracked.
    pub(crate) fn is_enabled(&self) -> bool {
        self.shared.session.is_some()
    }

    /// The state, locked; `None` where nothing is tracked.
    pub(crate) fn session(&self) -> Option<MutexGuard<'_, Session>> {
        self.shared.session.as_ref().map(Mutex::lock)
    }

    /// Whether somebody asked the training to end.
    pub(crate) fn stop(&self) -> Stop {
        self.shared.tracker.requests().stop
    }
}
