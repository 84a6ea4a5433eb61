//! The handle that a training loop holds.

use std::{
    any::type_name,
    fmt::Display,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    prelude::*,
};
use tracker_core::{
    Event, FinishHook, Outcome, Problem, Stop, Tracker,
    adapter::{
        EarlyStopping, EpochNumber, Order,
        checkpoints::{CheckpointOptions, Restored},
        recorder::{self, LoopHandle, Recorder},
    },
    flight::FlightStep,
    progress::{ProgressMode, suspend},
};

use crate::{
    ResumeError, WatchOptions,
    custom_loop::{
        Epochs,
        readings::Readings,
        record_files::Snapshot,
        state::State,
        values::{LoopValue, count},
    },
    watch::{Gradients, Watcher, guarded},
};

/// How long the end of an epoch waits for gradients and weights that are on their way.
const LAST_SAMPLES: Duration = Duration::from_secs(5);

/// Logs a training loop that is written by hand, under the names that a learner's training has.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use burn_callback::burn::{data::dataloader::DataLoader, nn::{Linear, loss::CrossEntropyLoss},
/// #     optim::{GradientsParams, ModuleOptimizer}, module::Module, tensor::{Int, Tensor}};
/// use burn_callback::prelude::*;
///
/// # type Batch = (Tensor<2>, Tensor<1, Int>);
/// # fn train(
/// #     train: Arc<dyn DataLoader<Batch>>, valid: Arc<dyn DataLoader<Batch>>,
/// #     mut model: Linear, mut optimizer: ModuleOptimizer, loss_of: CrossEntropyLoss,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let run = init("mnist").start()?;
/// let hooks = Loop::new(&run);
/// for epoch in hooks.epochs(1..=10) {
///     for batch in hooks.batches(&train) {
///         let (inputs, labels) = batch?;
///         let logits = model.forward(inputs);
///         let loss = loss_of.forward(logits.clone(), labels.clone());
///         hooks.loss(&loss);
///         hooks.accuracy(&logits, &labels);
///         let gradients = GradientsParams::from_grads(loss.backward(), &model);
///         hooks.observe(&model, &gradients); // gradients and weights, if you want them
///         model = optimizer.step(1e-3, model, gradients);
///     }
///     let model = model.valid();
///     hooks.valid(|| {
///         for (inputs, labels) in hooks.batches(&valid).flatten() {
///             hooks.accuracy(&model.forward(inputs), &labels);
///         }
///     });
/// }
/// println!("{}", run.finish()?);
/// # Ok(())
/// # }
/// ```
///
/// | metric | when | what |
/// |---|---|---|
/// | `batch/train/loss`, `batch/train/accuracy` | each batch | what [`loss`](Self::loss) and [`accuracy`](Self::accuracy) got |
/// | `batch/train/items`, `batch/train/step_seconds` | each batch | the batch's size, the time of its step |
/// | `learning_rate` | at the first step, where it changes, and at the end of each epoch | what [`learning_rate`](Self::learning_rate) got |
/// | `train/loss`, `valid/loss`, `valid/accuracy`, … | each epoch, at its last step | means, weighted by the sizes of the batches |
/// | `epoch`, `epoch_seconds`, `items_per_second`, `data_wait` | each epoch, at its last step | the number that you gave it, its time, the speed of its training part, the share in which it waited for data |
///
/// Each batch of training is a step, unless the loop counts them with [`step`](Self::step); where there
/// are no batches either, each loss is one. The first is step 0, or the one after
/// [`position`](tracker_core::Run::position) in a run that goes on. Several values of one metric in a
/// step are averaged.
///
/// Values stay on the device and are read back together, once a second and at the end of each
/// epoch; on the CPU at once. What is kept of them has no graph.
///
/// Clones share all state. Trouble in a hook never ends the training: it is counted, and the
/// report of `run.finish()` tells. With tracking disabled nothing is computed or read back.
#[derive(Debug, Clone)]
pub struct Loop {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    tracker: Arc<dyn Tracker>,
    /// Empty where nothing is tracked.
    state: OnceLock<Mutex<State>>,
    options: Mutex<WatchOptions>,
    watchers: Mutex<Watchers>,
}

/// What looks at the gradients of each model.
#[derive(Debug, Default)]
struct Watchers {
    of_models: Vec<WatchedModel>,
    /// After how many steps they go on.
    looks: u64,
}

#[derive(Debug)]
struct WatchedModel {
    /// One model needs none.
    name: Option<String>,
    /// Its Rust type, by which two models under one name are told apart.
    of_type: &'static str,
    watcher: Arc<Watcher>,
}

impl LoopHandle for Loop {
    type Readings = Readings;

    fn record<T>(&self, work: impl FnOnce(&mut Recorder<Readings>) -> T) -> Option<T> {
        self.with_state(|state| work(&mut state.recorder))
    }

    fn stop(&self) -> Stop {
        self.shared.tracker.requests().stop
    }

    fn after_epochs(&self) {
        self.drain_watchers();
        self.with_state(State::wait_for_checkpoints);
    }
}

impl Shared {
    fn watchers(&self) -> MutexGuard<'_, Watchers> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FinishHook for Shared {
    fn before_finish(&self, outcome: &Outcome) {
        if let Some(state) = self.state.get() {
            guarded(&*self.tracker, || {
                state.lock().unwrap_or_else(PoisonError::into_inner).end(outcome);
            });
        }
    }
}

impl Loop {
    /// Logs to `tracker`, such as `&run`.
    pub fn new(tracker: impl Into<Arc<dyn Tracker>>) -> Self {
        let tracker = tracker.into();
        let state = OnceLock::new();
        if tracker.enabled() {
            let _ = state.set(Mutex::new(State::new(Arc::clone(&tracker))));
        }
        let (options, watchers) = Default::default();
        let shared = Arc::new(Shared { tracker, state, options, watchers });
        let weak = Arc::downgrade(&shared);
        shared.tracker.before_finish(weak);
        Self { shared }
    }

    /// Sets how progress is shown, whatever `TRACKER_PROGRESS` says.
    #[must_use]
    pub fn progress(self, mode: ProgressMode) -> Self {
        self.record(|recorder| recorder.set_progress(mode));
        self
    }

    /// Counts batches in tokens, for language models: logs `batch/train/tokens` and
    /// `tokens_per_second` in the place of items.
    #[must_use]
    pub fn tokens(self) -> Self {
        self.record(Recorder::count_tokens);
        self
    }

    /// Says that this loop counts its steps with [`step`](Self::step): needed where a step gathers
    /// several batches, each of which would else be one until the first call.
    #[must_use]
    pub fn counts_steps(self) -> Self {
        self.record(Recorder::count_by_hand);
        self
    }

    /// Logs a perplexity beside each loss: `exp(loss)`, for losses that are the mean of `-ln p`.
    #[must_use]
    pub fn perplexity(self) -> Self {
        self.record(Recorder::show_perplexity);
        self
    }

    /// Ends [`epochs`](Self::epochs) when a metric does not get better any more. A training without
    /// epochs goes by its evaluations and asks [`should_stop`](Self::should_stop). Works with tracking
    /// disabled too, so that it never changes what a training does.
    #[must_use]
    pub fn early_stopping(self, options: EarlyStopping) -> Self {
        let make = || Mutex::new(State::new(Arc::clone(&self.shared.tracker)));
        self.shared.state.get_or_init(make);
        self.record(|recorder| recorder.stop_early(options));
        self
    }

    /// Sets what [`observe`](Self::observe) looks at, before its first call.
    #[must_use]
    pub fn watch(self, options: WatchOptions) -> Self {
        *self.shared.options.lock().unwrap_or_else(PoisonError::into_inner) = options;
        self
    }

    /// Sets when [`checkpoint`](Self::checkpoint) saves one beside those that somebody asks for by `tracker
    /// checkpoint RUN`, how many are kept, what makes one the best.
    /// Without it, one is saved after each epoch, and the last two and the best one are kept.
    #[must_use]
    pub fn checkpoints(self, options: CheckpointOptions) -> Self {
        self.with_state(|state| state.keep(options));
        self
    }

    /// Goes over epochs, numbered as you count them. When one ends, its means are logged. An
    /// epoch ends when the next one begins and when the iterator is dropped. The epochs end early
    /// when somebody asks the run to stop.
    pub fn epochs<I>(&self, epochs: I) -> Epochs<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: EpochNumber,
    {
        recorder::Epochs::new(self.clone(), epochs.into_iter())
    }

    /// Logs the mean loss of the current batch: a tensor with one element.
    pub fn loss<const D: usize>(&self, loss: &Tensor<D>) {
        self.metric("loss", loss);
    }

    /// Logs any other value of the current batch: `kl` as `batch/train/kl`, and its means as
    /// `train/kl` and `valid/kl`. `loss` and `accuracy` are those of the batch.
    pub fn metric(&self, name: &str, value: impl Into<LoopValue>) {
        self.with_state(|state| state.metric(name, &value.into()));
    }

    /// Says how many items a batch has, once for each batch: its weight in the means.
    /// [`batches`](Self::batches) knows it from the data loader.
    pub fn batch_size(&self, items: usize) {
        self.with_state(|state| state.state_items(items as u64));
    }

    /// Says that a step was taken, where it is not the batches that count: with gradients that are
    /// gathered over several (say [`counts_steps`](Self::counts_steps) then), or without batches. What was
    /// measured since the last one belongs to it.
    pub fn step(&self) {
        self.record(Recorder::step_by_hand);
    }

    /// Says that an episode of reinforcement learning is over: logs its number, its reward (as
    /// `episode/reward`) and its length in steps of the environment (as `episode/length`) at the last
    /// step of the training. An epoch has their means, as `train/reward` and `train/episode_length`.
    pub fn episode(&self, reward: f64, length: u64) {
        self.record(|recorder| recorder.episode(reward, length));
    }

    /// Logs the share of right answers in the current batch: a fraction from 0 to 1. `logits` are
    /// `[batch, classes]`, `labels` are `[batch]` with the index of the right class. The answer is
    /// the class with the greatest logit.
    pub fn accuracy(&self, logits: &Tensor<2>, labels: &Tensor<1, Int>) {
        self.with_state(|state| {
            let count = count(logits, labels, state.recorder.step());
            state.answers(count);
        });
    }

    /// Logs the learning rate of the current batch.
    pub fn learning_rate(&self, rate: f64) {
        self.record(|recorder| recorder.learning_rate(rate));
    }

    /// Looks at gradients and weights, as [`Watch`](crate::Watch) does for a learner: call it
    /// before each step of the optimizer; each 50th call is logged.
    ///
    /// A training of several models calls [`observe_named`](Self::observe_named) for each.
    pub fn observe<M: Module>(&self, model: &M, gradients: &GradientsParams) {
        self.observe_model(None, model, gradients);
    }

    /// Looks at one of several models as [`observe`](Self::observe) does: with the name `generator`, it logs
    /// `gradients/generator/norm` and so on. How long steps take is measured at those of the model that
    /// is looked at first.
    pub fn observe_named<M: Module>(&self, name: &str, model: &M, gradients: &GradientsParams) {
        self.observe_model(Some(name), model, gradients);
    }

    fn observe_model<M: Module>(&self, name: Option<&str>, model: &M, gradients: &GradientsParams) {
        let step = self.record(|recorder| {
            let (epoch, batch) = recorder.place();
            let step = recorder.steps().into();
            FlightStep { step, epoch, batch, ..FlightStep::default() }
        });
        let Some(step) = step else { return };
        let (watcher, of_type) = self.watcher::<M>(name);
        if of_type == type_name::<M>() {
            watcher.step_at(model, Gradients::One(gradients), step);
        } else {
            let problem = two_models(of_type, type_name::<M>());
            self.shared.tracker.record(Event::Problem(problem));
        }
    }

    /// Evaluates: what `evaluate` gives to these hooks is averaged, and logged as `valid/loss` and
    /// `valid/accuracy` at the last training step. Give the closure a model that went through
    /// [`valid`](Module::valid).
    pub fn valid<T>(&self, evaluate: impl FnOnce() -> T) -> T {
        self.evaluate("valid", evaluate)
    }

    /// Evaluates as [`valid`](Self::valid) does, under another name: `test` logs `test/loss`.
    pub fn evaluate<T>(&self, name: &str, evaluate: impl FnOnce() -> T) -> T {
        for watcher in self.watchers() {
            watcher.interrupt();
        }
        self.with_state(|state| state.begin_evaluation(name));
        let open = OpenEvaluation { hooks: self };
        let result = evaluate();
        open.end();
        result
    }

    /// Saves model and optimizer if a checkpoint is due. Call it as the last thing in each batch, after the
    /// optimizer's step, and once more as the last thing in each epoch, after its validation.
    ///
    /// They are Burn's own files in the folder `checkpoint` of `run.dir()`, which `load_file` reads; the
    /// run lists them as `checkpoint/model` and `checkpoint/optimizer`. The training waits until they are
    /// copied from the device; a thread writes them, whole or not at all. Nothing is saved where nothing
    /// is tracked, and of several processes only the first saves.
    ///
    /// What is measured in a batch after this call belongs to the next one.
    pub fn checkpoint<M: Module>(&self, model: &M, optimizer: &ModuleOptimizer) {
        self.with_state(|state| {
            if let Some((saving, recorder)) = state.saving() {
                saving.save_if_due(recorder, || Snapshot::take(model, optimizer));
            }
        });
    }

    /// Goes on from the newest whole checkpoint of a resumed run: sets model and optimizer, counts steps
    /// from there, and supersedes what was logged beyond it. [`epochs`](Self::epochs) leaves out those
    /// that are over. If it was saved in the middle of one, [`batches`](Self::batches) and
    /// [`iterate`](Self::iterate) leave out the first ones of that, as many as were over: they must come in
    /// the same order. `None` in a run that is new, so that one program serves both.
    ///
    /// A learning rate is the loop's own: make it from the epoch, or call a scheduler as often as steps
    /// were taken, [`Restored::step`] + 1.
    ///
    /// ```no_run
    /// # use std::sync::Arc;
    /// # use burn_callback::burn::{data::dataloader::DataLoader, nn::{Linear, loss::MseLoss, loss::Reduction},
    /// #     optim::{GradientsParams, ModuleOptimizer}, tensor::Tensor};
    /// use burn_callback::{CheckpointOptions, Order, prelude::*};
    ///
    /// # type Batch = (Tensor<2>, Tensor<2>);
    /// # fn train(
    /// #     load: impl Fn(Vec<usize>) -> Batch, mut model: Linear, mut optimizer: ModuleOptimizer,
    /// #     resumed: Option<String>,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let run = match resumed {
    ///     Some(run) => init("mnist").resume(run),
    ///     None => init("mnist"),
    /// }.start()?;
    /// let hooks = Loop::new(&run).checkpoints(CheckpointOptions::new().every_steps(500));
    /// let order = hooks.order(Order::shuffled(60_000, 42));
    /// hooks.restore(&mut model, &mut optimizer)?;
    /// for epoch in hooks.epochs(1..=10) {
    ///     for (inputs, wanted) in hooks.iterate(order.batches(epoch, 64).load(&load)) {
    ///         let loss = MseLoss::new().forward(model.forward(inputs), wanted, Reduction::Mean);
    ///         hooks.loss(&loss);
    ///         let gradients = GradientsParams::from_grads(loss.backward(), &model);
    ///         model = optimizer.step(1e-3, model, gradients);
    ///         hooks.checkpoint(&model, &optimizer);
    ///     }
    ///     hooks.checkpoint(&model, &optimizer);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the run has no whole checkpoint, or the newest does not fit: nothing is changed then.
    pub fn restore<M: Module>(
        &self,
        model: &mut M,
        optimizer: &mut ModuleOptimizer,
    ) -> Result<Option<Restored>, ResumeError> {
        if self.shared.state.get().is_none() {
            return Ok(None);
        }
        let restore = |state: &mut State| match state.keeping() {
            Some((saving, recorder)) => saving.restore(recorder, model, optimizer),
            None => Ok(None),
        };
        let restored = self.with_state(restore).unwrap_or_else(|| {
            let path = self.shared.tracker.directory().unwrap_or(Path::new("")).to_owned();
            Err(ResumeError::NotFitting { path, reason: "Burn panicked at it".to_owned() })
        });
        if let Ok(Some(restored)) = &restored {
            let looks = restored.step().saturating_add(1);
            let mut watchers = self.shared.watchers();
            watchers.looks = looks;
            for model in &watchers.of_models {
                model.watcher.go_on_after(looks);
            }
        }
        restored
    }

    /// Keeps with each checkpoint in which order the data come, and gives it back: a resumed training
    /// whose data come in another order is told so. Its batches go into [`iterate`](Self::iterate).
    pub fn order(&self, order: Order) -> Order {
        self.record(|recorder| recorder.set_order(order));
        order
    }

    /// Goes over batches that come from no data loader, such as those of an [`Order`]. Say how many items
    /// each has with [`batch_size`](Self::batch_size), where no [`accuracy`](Self::accuracy) tells.
    pub fn iterate<I: IntoIterator>(&self, batches: I) -> recorder::Batches<Self, I::IntoIter> {
        recorder::Batches::new(self.clone(), batches.into_iter())
    }

    /// Reads all values that are still on a device, and logs them. [`epochs`](Self::epochs) does
    /// the same at the end of each epoch.
    pub fn flush(&self) {
        self.record(Recorder::flush);
        self.drain_watchers();
    }

    /// Prints a line to the standard output with the progress bar out of its way.
    pub fn println(&self, line: impl Display) {
        suspend(|| println!("{line}"));
    }

    /// Whether the training is to end: somebody asked the run to stop, or early stopping did.
    pub fn should_stop(&self) -> bool {
        self.is_to_end()
    }

    fn drain_watchers(&self) {
        for watcher in self.watchers() {
            watcher.drain(LAST_SAMPLES);
        }
    }

    pub(crate) fn tracker(&self) -> &dyn Tracker {
        &*self.shared.tracker
    }

    /// Runs `work` on the state, if anything is tracked. A panic in it is counted.
    pub(crate) fn with_state<T>(&self, work: impl FnOnce(&mut State) -> T) -> Option<T> {
        let state = self.shared.state.get()?;
        guarded(&*self.shared.tracker, || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let done = work(&mut state);
            state.act();
            done
        })
    }

    /// The list is not held while they are used.
    fn watchers(&self) -> Vec<Arc<Watcher>> {
        let watchers = self.shared.watchers();
        watchers.of_models.iter().map(|model| Arc::clone(&model.watcher)).collect()
    }

    /// The watcher of the model with this name, and the type of the model that it looks at.
    fn watcher<M>(&self, model: Option<&str>) -> (Arc<Watcher>, &'static str) {
        let mut watchers = self.shared.watchers();
        let known = watchers.of_models.iter().find(|known| known.name.as_deref() == model);
        if let Some(known) = known {
            return (Arc::clone(&known.watcher), known.of_type);
        }
        let mut options =
            self.shared.options.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(name) = model {
            options = options.model(name);
        }
        // The time between two steps is that of the training, whoever looks at it.
        let times = watchers.of_models.is_empty();
        let watcher = Arc::new(Watcher::of_loop(Arc::clone(&self.shared.tracker), options, times));
        watcher.go_on_after(watchers.looks);
        let (name, of_type) = (model.map(str::to_owned), type_name::<M>());
        watchers.of_models.push(WatchedModel { name, of_type, watcher: Arc::clone(&watcher) });
        (watcher, of_type)
    }
}

fn two_models(first: &str, second: &str) -> Problem {
    Problem::new(
        "two-models-observed",
        format!("`observe` got a {first} and a {second}: only the first is looked at"),
        "give each a name: `hooks.observe_named(\"generator\", &generator, &gradients)`",
    )
}

/// An evaluation that a panic cuts short: half of one is none.
struct OpenEvaluation<'a> {
    hooks: &'a Loop,
}

impl OpenEvaluation<'_> {
    fn end(self) {
        self.hooks.with_state(|state| state.end_evaluation(true));
        std::mem::forget(self);
    }
}

impl Drop for OpenEvaluation<'_> {
    fn drop(&mut self) {
        self.hooks.with_state(|state| state.end_evaluation(false));
    }
}
