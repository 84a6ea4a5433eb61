//! The handle that a training loop holds.

use std::{
    any::type_name,
    sync::{Arc, OnceLock},
};

use candle_core::{Tensor, Var, backprop::GradStore};
use candle_nn::{Optimizer, VarMap};
use parking_lot::{Mutex, MutexGuard};
use tracker_core::{
    LastCall, NoopTracker, Stop, Tracker, adapter::WatchOptions, progress::ProgressMode,
};

use crate::{
    AccuracyOptions, Batches, CheckpointOptions, EarlyStopping, EpochNumber, Epochs, MetricValue,
    RestoreError, Restored, Scope, TrackedOptimizer, accuracy, checkpoints::named_variables,
    readback::Readings, row::OptimizerIndex, session::Session,
};

/// Hooks a Candle training loop up to a tracker.
///
/// Wrap the epochs, the batches and the optimizer; what they see is logged. Clones share all
/// state, so a part of the loop in another function or thread takes a clone.
///
/// With a tracker that is not [`enabled`](Tracker::enabled), nothing is computed or read back, but
/// for what [`early_stopping`](Self::early_stopping) needs.
///
/// # Steps
///
/// A step is one step of the optimizer that [`optimizer`](Self::optimizer) wraps. The first is
/// step 0, or the one after the last of an earlier training in the same run. Without such an optimizer, each batch of [`batches`](Self::batches) is a step. Without
/// either, each epoch is one.
///
/// What is measured belongs to the step that is taken next; within [`batches`](Self::batches), also
/// to the one that was taken last in the same batch. So measure before the optimizer's step.
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
    /// Empty where nothing is tracked.
    session: OnceLock<Mutex<Session>>,
}

impl LastCall for Shared {
    fn last_call(&self) {
        if let Some(session) = self.session.get() {
            session.lock().end();
        }
    }
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
        let session = OnceLock::new();
        if tracker.enabled() {
            let _ = session.set(Mutex::new(Session::new(Arc::clone(&tracker), readings)));
        }
        let shared = Arc::new(Shared { tracker, session });
        let weak = Arc::downgrade(&shared);
        shared.tracker.before_finish(weak);
        Self { shared }
    }

    /// Sets how progress is shown, whatever `TRACKER_PROGRESS` says.
    #[must_use]
    pub fn progress(self, mode: ProgressMode) -> Self {
        if let Some(mut session) = self.session() {
            session.set_progress(mode);
        }
        self
    }

    /// Counts batches in tokens, for language models: all elements of the labels rather than their
    /// first dimension. Logs `batch/train/tokens` and `tokens_per_second` in the place of items.
    #[must_use]
    pub fn tokens(self) -> Self {
        if let Some(mut session) = self.session() {
            session.count_tokens();
        }
        self
    }

    /// Logs a perplexity beside each loss: `exp(loss)`, for losses that are the mean of `-ln p` over
    /// tokens, such as those of `candle_nn::loss::cross_entropy`.
    #[must_use]
    pub fn perplexity(self) -> Self {
        if let Some(mut session) = self.session() {
            session.show_perplexity();
        }
        self
    }

    /// Logs the norm of all gradients each `steps` steps of an optimizer, as `gradients/norm`: 10
    /// unless this says otherwise, 0 for never. With
    /// [`clip_grad_norm`](TrackedOptimizer::clip_grad_norm) it is logged at each step.
    #[must_use]
    pub fn gradient_norm_every(self, steps: u64) -> Self {
        if let Some(mut session) = self.session() {
            session.set_gradient_norm_every(steps);
        }
        self
    }

    /// Ends [`epochs`](Self::epochs) when a metric does not get better any more. A training without
    /// epochs goes by its evaluations and asks [`should_stop`](Self::should_stop).
    ///
    /// Works with tracking disabled too, so that it never changes what a training does: then the
    /// values that it needs are computed all the same.
    ///
    /// ```
    /// # use candle_hooks::{Hooks, tracker_core::MemoryTracker};
    /// # let run = MemoryTracker::new();
    /// use candle_hooks::EarlyStopping;
    ///
    /// let hooks = Hooks::new(&run).early_stopping(EarlyStopping::new("valid/loss").patience(5));
    /// ```
    #[must_use]
    pub fn early_stopping(self, options: EarlyStopping) -> Self {
        let make = || {
            let tracker = Arc::clone(&self.shared.tracker);
            Mutex::new(Session::new(tracker, Readings::default()))
        };
        self.shared.session.get_or_init(make).lock().stop_early(options);
        self
    }
}

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
    /// logged. A `break` out of its batches alone makes it a short one, with means.
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
    /// early when somebody asks the run to stop now; without epochs, also when somebody asks it to
    /// stop after the epoch.
    ///
    /// What is measured between two batches belongs to one step, before the optimizer's step or
    /// after it. Within [`valid`](Self::valid), and within other batches, it changes nothing.
    pub fn batches<I: IntoIterator>(&self, batches: I) -> Batches<I::IntoIter> {
        Batches::new(self.clone(), batches.into_iter())
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
            let role = session.new_owner();
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
            let role = session.named(name);
            session.know_optimizer(role, type_name::<O>());
            role
        });
        TrackedOptimizer::wrap(self.clone(), role, optimizer)
    }
}

/// Checkpoints.
impl Hooks {
    /// Saves the weights after each epoch, and keeps the last two and the best: that with the
    /// lowest `valid/loss`, else the highest `valid/accuracy`, else the lowest `train/loss`.
    ///
    /// They are safetensors files in the folder `checkpoint` of `run.dir()`, which
    /// [`VarMap::load`] and Python read, with run, step, epoch and values in their metadata. The
    /// run lists them with their hash as `checkpoint/model`. The training waits until the weights
    /// are copied in memory, on their device; a thread writes them, whole or not at all. Where two
    /// copies wait for a slow disk already, it waits half a minute at most for one of them.
    ///
    /// What the optimizer remembers is saved with them if it
    /// [can give it](TrackedOptimizer::with_state).
    ///
    /// Nothing is saved where nothing is tracked, and of several processes only the first saves.
    pub fn checkpoint(&self, weights: &VarMap) {
        self.checkpoint_with(weights, CheckpointOptions::new());
    }

    /// Saves the weights as [`checkpoint`](Self::checkpoint) does, with options: how often, how
    /// many are kept, what makes one the best.
    ///
    /// ```
    /// # use candle_hooks::{CheckpointOptions, Hooks, candle_nn::VarMap};
    /// # let (hooks, varmap) = (Hooks::disabled(), VarMap::new());
    /// let options = CheckpointOptions::new().keep_last(5).best("valid/accuracy");
    /// hooks.checkpoint_with(&varmap, options);
    /// ```
    pub fn checkpoint_with(&self, weights: &VarMap, options: CheckpointOptions) {
        if let Some(mut session) = self.session() {
            session.keep(weights, options);
        }
    }

    /// Saves a checkpoint now, whether one is due or not. What is kept and what is best is decided
    /// as for the others.
    pub fn save_checkpoint(&self) {
        if let Some(mut session) = self.session() {
            session.save_now();
        }
    }

    /// Goes on from the newest whole checkpoint of a resumed run: sets the weights, what the
    /// optimizers remember, and their learning rates; leaves out epochs that are over, counts steps
    /// from there, and supersedes what was logged beyond it. `None` in a run that is new, so that
    /// one program serves both.
    ///
    /// Call it after the optimizers are wrapped, before the loop.
    ///
    /// ```no_run
    /// # use candle_hooks::{candle_core::{DType, Device}, candle_nn::{VarBuilder, VarMap, linear}};
    /// use candle_hooks::{ResumableAdamW, candle_nn::ParamsAdamW, prelude::*};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let resumed: Option<String> = None;
    /// # let varmap = VarMap::new();
    /// # let model = linear(4, 2, VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu))?;
    /// let mut builder = init("mnist");
    /// if let Some(run) = resumed {
    ///     builder = builder.resume(run);
    /// }
    /// let run = builder.start()?;
    /// let hooks = Hooks::new(&run);
    /// let adamw = ResumableAdamW::from_var_map(&varmap, ParamsAdamW::default())?;
    /// let mut optimizer = hooks.optimizer(adamw).with_state();
    /// hooks.checkpoint(&varmap);
    /// if let Some(restored) = hooks.restore(&varmap)? {
    ///     println!("goes on after step {}", restored.step());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # What does not come back
    ///
    /// Candle's `AdamW` keeps its moments private: it starts anew, which the report says. Nor do
    /// gradients come back that were accumulated for a step, and random states, as of dropout. The order
    /// of the data is yours: make it from the seed and the epoch. Learning rates come back; for
    /// another one, call [`set_learning_rate`](Optimizer::set_learning_rate) after this.
    ///
    /// # Errors
    /// If the run has no whole checkpoint, or the newest does not fit the weights: nothing is changed
    /// then. Also if a device refuses the weights, or the run's folder cannot be listed afterwards.
    pub fn restore(&self, weights: &VarMap) -> Result<Option<Restored>, RestoreError> {
        self.session().map_or(Ok(None), |mut session| session.restore(weights))
    }
}

/// Looking at the model.
impl Hooks {
    /// Looks at all parameters of a model every 50 steps of the [`optimizer`](Self::optimizer):
    /// norms and histograms of gradients and weights, how many are NaN, and how far a step moves
    /// the weights. Layers have the names that they have in the `VarMap`.
    ///
    /// | metric | what |
    /// |---|---|
    /// | `gradients/<name>/norm`, `parameters/<name>/norm` | the norm of each parameter, before the step and before clipping |
    /// | `gradients/norm`, `parameters/norm` | over all of them |
    /// | `updates/<name>/ratio`, `updates/ratio` | the norm of the change by that of the weights; about 0.001 is usual |
    /// | `gradients/<name>`, `parameters/<name>` | histograms |
    /// | `…/nan`, `…/infinite` | from the first such value on, how many there are |
    ///
    /// Everything is computed on the device, and nothing waits for it.
    pub fn watch(&self, weights: &VarMap) {
        self.watch_with(weights, WatchOptions::new());
    }

    /// Looks at a model as [`watch`](Self::watch) does, with options: how often, which layers, how
    /// fine.
    pub fn watch_with(&self, weights: &VarMap, options: WatchOptions) {
        if let Some(mut session) = self.session() {
            session.watch(None, named_variables(weights), options);
        }
    }

    /// Looks at the model that the optimizer with this [name](Self::optimizer_named) trains, at the
    /// steps of that one. Its layers are named `<name>.<layer>`.
    pub fn watch_named(&self, name: &str, weights: &VarMap, options: WatchOptions) {
        if let Some(mut session) = self.session() {
            let variables = prefixed_variables(weights, &format!("{name}."));
            session.watch(Some(name), variables, options);
        }
    }
}

/// The variables of a map, in the order of their names, which get a prefix.
fn prefixed_variables(weights: &VarMap, prefix: &str) -> Vec<(String, Var)> {
    let named = named_variables(weights).into_iter();
    named.map(|(name, variable)| (format!("{prefix}{name}"), variable)).collect()
}

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
            if let Some(mut session) = self.session() {
                session.answers(&count, options.best());
            }
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
        if let Some(mut session) = self.session() {
            session.metric(name, value.into());
        }
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
        self.stop() > Stop::No || self.session().is_some_and(|session| session.is_stopped_early())
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

impl Hooks {
    /// Whether anything is tracked.
    pub(crate) fn is_enabled(&self) -> bool {
        self.shared.session.get().is_some()
    }

    /// The state, locked; `None` where nothing is tracked.
    pub(crate) fn session(&self) -> Option<MutexGuard<'_, Session>> {
        self.shared.session.get().map(Mutex::lock)
    }

    /// Whether the batches of a training are to end before the last of them: somebody asked the run
    /// to stop now, or there is no epoch to whose end it could go on.
    pub(crate) fn stops_batches(&self) -> bool {
        let asked = self.stop();
        let ends = |session: MutexGuard<'_, Session>| {
            !session.is_in_epoch() && (asked > Stop::No || session.is_stopped_early())
        };
        asked == Stop::Now || self.session().is_some_and(ends)
    }

    /// Whether somebody asked the training to end.
    pub(crate) fn stop(&self) -> Stop {
        self.shared.tracker.requests().stop
    }
}
