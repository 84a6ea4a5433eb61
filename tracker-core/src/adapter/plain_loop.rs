//! Training loops whose numbers are on the host.

use std::{
    convert::Infallible,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;

use crate::{
    FinishHook, NoopTracker, Outcome, Stop, Tracker,
    adapter::recorder::{
        Amount, Batches, Count, EarlyStopping, EpochNumber, Epochs, EvaluationScope, LoopHandle,
        Lost, Measured, OptimizerIndex, ReadBack, Reading, Recorder,
    },
    progress::ProgressMode,
};

/// Logs a training loop of any framework by its numbers: for `tch`, `ort`, `linfa` and loops by hand.
/// Candle and Burn have adapters of their own, which take tensors and log the same rows.
///
/// ```
/// use tracker_core::Loop;
/// # use tracker_core::MemoryTracker;
/// # let run = MemoryTracker::new();
///
/// let hooks = Loop::new(&run);
/// for epoch in hooks.epochs(1..=3) {
///     for batch in hooks.batches([0.5, 0.25]) {
///         hooks.batch_size(64);
///         hooks.loss(batch);
///         hooks.accuracy(48, 64);
///     }
///     hooks.valid(|valid| valid.loss(0.3));
/// }
/// # drop(hooks);
/// # assert_eq!(run.series("train/loss").len(), 3);
/// ```
///
/// | metric | when | what |
/// |---|---|---|
/// | `batch/train/loss`, `batch/train/accuracy`, `batch/train/items` | each step | what was handed over |
/// | `learning_rate` | at the first step, where it changes, and at the end of each epoch | what [`learning_rate`](Self::learning_rate) got |
/// | `train/loss`, `valid/loss`, … | each epoch, at its last step | means, weighted by the sizes of the batches |
/// | `epoch`, `epoch_seconds`, `items_per_second`, `data_wait` | each epoch, at its last step | its number, its time, speed, share of waiting for data |
/// | `episode/reward`, `episode/length` | each episode | see [`episode`](Self::episode) |
///
/// # Steps
///
/// A step is one update of the weights. [`step`](Self::step) counts them; where nobody calls it, each
/// batch of [`batches`](Self::batches) is one; without either, each [`loss`](Self::loss) is. Measure
/// before the step: what is measured belongs to the step that is taken next.
///
/// Clones share all state. Nothing here fails: trouble is counted, and `run.finish()` tells. An epoch
/// that is left by `break` is over once the loop goes on or the run is finished, as long as the handle
/// lives; one that is left by an error or a panic has no means.
#[derive(Debug, Clone)]
pub struct Loop {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    tracker: Arc<dyn Tracker>,
    /// Empty where nothing is recorded.
    recorder: OnceLock<Mutex<Recorder<Numbers>>>,
}

/// Numbers that are here already: there is nothing to bring.
#[derive(Debug)]
pub struct Numbers(());

impl ReadBack for Numbers {
    type Value = Infallible;

    fn take(&mut self, value: &Infallible) -> Result<Reading, String> {
        match *value {}
    }

    fn is_due(&self) -> bool {
        false
    }

    fn read(&mut self) -> Result<(), Lost> {
        Ok(())
    }
}

impl FinishHook for Shared {
    fn before_finish(&self, outcome: &Outcome) {
        if let Some(recorder) = self.recorder.get() {
            recorder.lock().end(Some(outcome));
        }
    }
}

impl LoopHandle for Loop {
    type Readings = Numbers;

    fn record<T>(&self, work: impl FnOnce(&mut Recorder<Numbers>) -> T) -> Option<T> {
        let mut recorder = self.shared.recorder.get()?.lock();
        let done = work(&mut recorder);
        // Nobody saves checkpoints here.
        drop(recorder.take_milestones());
        Some(done)
    }

    fn stop(&self) -> Stop {
        self.shared.tracker.requests().stop
    }
}

/// Setting up.
impl Loop {
    /// Logs to `tracker`, such as `&run`.
    pub fn new(tracker: impl Into<Arc<dyn Tracker>>) -> Self {
        let tracker = tracker.into();
        let recorder = OnceLock::new();
        if tracker.enabled() {
            let _ = recorder.set(Mutex::new(Recorder::new(Arc::clone(&tracker), Numbers(()))));
        }
        let shared = Arc::new(Shared { tracker, recorder });
        let weak = Arc::downgrade(&shared);
        shared.tracker.before_finish(weak);
        Self { shared }
    }

    /// A loop that logs nothing, for code that needs one.
    pub fn disabled() -> Self {
        Self::new(NoopTracker::new())
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
        let make = || Mutex::new(Recorder::new(Arc::clone(&self.shared.tracker), Numbers(())));
        self.shared.recorder.get_or_init(make).lock().stop_early(options);
        self
    }
}

/// Wrapping a loop.
impl Loop {
    /// Goes over epochs, numbered as you count them. When one ends, its means are logged. The epochs
    /// end early when somebody asks the run to stop.
    pub fn epochs<I>(&self, epochs: I) -> Epochs<Self, I::IntoIter>
    where
        I: IntoIterator,
        I::Item: EpochNumber,
    {
        Epochs::new(self.clone(), epochs.into_iter())
    }

    /// Goes over the batches of a training. What is measured between two of them belongs to the first.
    /// Within an evaluation they are passed through.
    pub fn batches<I: IntoIterator>(&self, batches: I) -> Batches<Self, I::IntoIter> {
        Batches::new(self.clone(), batches.into_iter())
    }

    /// Evaluates: what `evaluate` hands over is averaged and logged as `valid/loss`,
    /// `valid/accuracy`, …, at the last step of the training.
    pub fn valid<T>(&self, evaluate: impl FnOnce(&LoopEvaluation<'_>) -> T) -> T {
        self.evaluate("valid", evaluate)
    }

    /// Evaluates as [`valid`](Self::valid) does, under another name: `test` logs `test/loss`.
    pub fn evaluate<T>(&self, name: &str, evaluate: impl FnOnce(&LoopEvaluation<'_>) -> T) -> T {
        let scope = LoopEvaluation { scope: EvaluationScope::begin(self, name) };
        let result = evaluate(&scope);
        scope.scope.end();
        result
    }

    /// Whether the training is to end: somebody asked the run to stop, or early stopping did.
    pub fn should_stop(&self) -> bool {
        self.is_to_end()
    }

    /// Logs all that was measured so far.
    pub fn flush(&self) {
        self.record(Recorder::flush);
    }
}

/// Handing over what a step measured.
impl Loop {
    /// A step was taken: an update of the weights.
    pub fn step(&self) {
        self.record(Recorder::step_by_hand);
    }

    /// Takes the mean loss of a batch.
    pub fn loss(&self, loss: f64) {
        self.record(|recorder| recorder.loss(OptimizerIndex::OWNER, Measured::Number(loss)));
    }

    /// Takes how many answers of a batch are right, logged as a fraction from 0 to 1. `total` is the
    /// size of the batch too, unless [`batch_size`](Self::batch_size) says another.
    pub fn accuracy(&self, correct: u64, total: u64) {
        self.record(|recorder| recorder.answers(&count(correct, total), 1));
    }

    /// Takes any other value of a batch, logged as `batch/train/<name>` and, as the mean of an epoch,
    /// as `train/<name>`. `loss` and `accuracy` are those of the step. Several in one step are
    /// averaged.
    pub fn metric(&self, name: &str, value: f64) {
        self.record(|recorder| recorder.metric(name, Measured::Number(value)));
    }

    /// Says how many items a batch has, once for each batch: its weight in the means.
    pub fn batch_size(&self, items: usize) {
        self.record(|recorder| recorder.state_items(items as u64));
    }

    /// Takes the learning rate of the step.
    pub fn learning_rate(&self, rate: f64) {
        self.record(|recorder| recorder.learning_rate(rate));
    }

    /// An episode of reinforcement learning is over: logs its number, its reward and its length in
    /// steps of the environment, at the last update of the weights; epochs have their means.
    pub fn episode(&self, reward: f64, length: u64) {
        self.record(|recorder| recorder.episode(reward, length));
    }
}

fn count(correct: u64, total: u64) -> Count<Infallible> {
    let (correct, items) = (Amount::Known(correct), total);
    Count { correct, total: Amount::Known(total), items, out_of_range: 0 }
}

/// Takes what an evaluation measures; see [`Loop::valid`].
#[derive(Debug)]
pub struct LoopEvaluation<'a> {
    scope: EvaluationScope<'a, Loop>,
}

impl LoopEvaluation<'_> {
    /// Takes the mean loss of a batch.
    pub fn loss(&self, loss: f64) {
        self.scope.record(|recorder, open| recorder.evaluation_loss(open, Measured::Number(loss)));
    }

    /// Takes how many answers of a batch are right, as [`Loop::accuracy`] does.
    pub fn accuracy(&self, correct: u64, total: u64) {
        let count = count(correct, total);
        self.scope.record(|recorder, open| recorder.evaluation_answers(open, &count, 1));
    }

    /// Takes any other value of a batch, as [`Loop::metric`] does: its mean over the batches is logged
    /// as `valid/<name>`.
    pub fn metric(&self, name: &str, value: f64) {
        let value = Measured::Number(value);
        self.scope.record(|recorder, open| recorder.evaluation_metric(open, name, value));
    }

    /// Says how many items a batch has, once for each batch.
    pub fn batch_size(&self, items: usize) {
        self.scope.state_items(items as u64);
    }
}
