//! The handle that a training loop holds.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use burn::{module::Module, optim::GradientsParams, prelude::*};
use tracker_core::{Stop, Tracker, progress::ProgressMode};

use crate::{
    WatchOptions,
    custom_loop::state::State,
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
/// | `batch/train/items`, `learning_rate` | each batch | the batch's size; what [`learning_rate`](Self::learning_rate) got |
/// | `train/loss`, `valid/loss`, `valid/accuracy`, … | each epoch, at its last step | means, weighted by the sizes of the batches |
/// | `epoch`, `epoch_seconds`, `items_per_second` | each epoch, at its last step | the number that you gave it, its time, the speed of its training part |
///
/// Each batch of training is a step. The first is step 0, or the one after
/// [`position`](tracker_core::Run::position) in a run that goes on.
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
    /// `None` where nothing is tracked.
    state: Option<Mutex<State>>,
    options: Mutex<WatchOptions>,
    watcher: OnceLock<Watcher>,
}

impl Loop {
    /// Logs to `tracker`, such as `&run`.
    pub fn new(tracker: impl Into<Arc<dyn Tracker>>) -> Self {
        let tracker = tracker.into();
        let state = tracker.enabled().then(|| Mutex::new(State::new(Arc::clone(&tracker))));
        let (options, watcher) = Default::default();
        Self { shared: Arc::new(Shared { tracker, state, options, watcher }) }
    }

    /// Sets how progress is shown, whatever `TRACKER_PROGRESS` says.
    #[must_use]
    pub fn progress(self, mode: ProgressMode) -> Self {
        self.with_state(|state| state.show_progress(mode));
        self
    }

    /// Sets what [`observe`](Self::observe) looks at, before its first call.
    #[must_use]
    pub fn watch(self, options: WatchOptions) -> Self {
        *self.shared.options.lock().unwrap_or_else(PoisonError::into_inner) = options;
        self
    }

    /// Logs the mean loss of the current batch: a tensor with one element. Of several in one batch
    /// the last counts; without [`batches`](Self::batches), each is a step.
    pub fn loss<const D: usize>(&self, loss: &Tensor<D>) {
        self.with_state(|state| state.loss(loss));
    }

    /// Logs the share of right answers in the current batch: a fraction from 0 to 1. `logits` are
    /// `[batch, classes]`, `labels` are `[batch]` with the index of the right class. The answer is
    /// the class with the greatest logit.
    pub fn accuracy(&self, logits: &Tensor<2>, labels: &Tensor<1, Int>) {
        self.with_state(|state| state.accuracy(logits, labels));
    }

    /// Logs the learning rate of the current batch.
    pub fn learning_rate(&self, rate: f64) {
        self.with_state(|state| state.learning_rate(rate));
    }

    /// Looks at gradients and weights, as [`Watch`](crate::Watch) does for a learner: call it
    /// before each step of the optimizer; each 50th call is logged.
    pub fn observe<M: Module>(&self, model: &M, gradients: &GradientsParams) {
        let mut step = None;
        self.with_state(|state| step = Some(state.step()));
        if let Some(step) = step {
            self.watcher().step_at(model, Gradients::One(gradients), step);
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
        if let Some(watcher) = self.shared.watcher.get() {
            watcher.interrupt();
        }
        self.with_state(|state| state.begin_evaluation(name));
        let open = OpenEvaluation { hooks: self };
        let result = evaluate();
        open.end();
        result
    }

    /// Reads all values that are still on a device, and logs them. [`epochs`](Self::epochs) does
    /// the same at the end of each epoch.
    pub fn flush(&self) {
        self.with_state(State::flush);
        if let Some(watcher) = self.shared.watcher.get() {
            watcher.drain(LAST_SAMPLES);
        }
    }

    /// Runs `work` on the state, if anything is tracked. A panic in it is counted.
    pub(crate) fn with_state(&self, work: impl FnOnce(&mut State)) {
        if let Some(state) = &self.shared.state {
            guarded(&*self.shared.tracker, || {
                work(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
            });
        }
    }

    /// Whether somebody asked the training to end.
    pub(crate) fn stop(&self) -> Stop {
        self.shared.tracker.requests().stop
    }

    fn watcher(&self) -> &Watcher {
        self.shared.watcher.get_or_init(|| {
            let options = self.shared.options.lock().unwrap_or_else(PoisonError::into_inner);
            Watcher::of_loop(Arc::clone(&self.shared.tracker), options.clone())
        })
    }
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
