//! The handle that a training loop holds.

mod checkpoints;
mod looking;
mod values;
mod wrapping;

use std::{
    fmt::Display,
    sync::{Arc, OnceLock},
};

use parking_lot::{Mutex, MutexGuard};
use tracker_core::{
    FinishHook, NoopTracker, Outcome, Stop, Tracker,
    adapter::recorder::{LoopHandle, Recorder},
    progress::{ProgressMode, suspend},
};

use crate::{EarlyStopping, readback::Readings, session::Session};

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
/// step 0, or the one after the last of an earlier training in the same run. Without such an
/// optimizer, [`step`](Self::step) counts; where nobody calls it, each batch of
/// [`batches`](Self::batches) is a step; without those, each [`loss`](Self::loss) is.
///
/// [`epochs`](Self::epochs) that count from the start again are another phase of the training:
/// early stopping begins anew, and a resumed training goes on within the phase of its checkpoint.
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

impl FinishHook for Shared {
    fn before_finish(&self, outcome: &Outcome) {
        if let Some(session) = self.session.get() {
            session.lock().end(Some(outcome));
        }
    }
}

impl LoopHandle for Hooks {
    type Readings = Readings;

    fn record<T>(&self, work: impl FnOnce(&mut Recorder<Readings>) -> T) -> Option<T> {
        Some(self.session()?.record(work))
    }

    fn stop(&self) -> Stop {
        self.shared.tracker.requests().stop
    }

    fn between_batches(&self) {
        if let Some(mut session) = self.session() {
            session.save_if_due();
        }
    }

    fn after_epochs(&self) {
        if let Some(mut session) = self.session() {
            session.wait_for_checkpoints();
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
        self.record(|recorder| recorder.set_progress(mode));
        self
    }

    /// Counts batches in tokens, for language models: all elements of the labels rather than their
    /// first dimension. Logs `batch/train/tokens` and `tokens_per_second` in the place of items.
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

    /// Logs a perplexity beside each loss: `exp(loss)`, for losses that are the mean of `-ln p` over
    /// tokens, such as those of `candle_nn::loss::cross_entropy`.
    #[must_use]
    pub fn perplexity(self) -> Self {
        self.record(Recorder::show_perplexity);
        self
    }

    /// Logs the norm of all gradients each `steps` steps of an optimizer, as `gradients/norm`: 10
    /// unless this says otherwise, 0 for never. With
    /// [`clip_grad_norm`](crate::TrackedOptimizer::clip_grad_norm) it is logged at each step.
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
        self.shared.session.get_or_init(make).lock().recorder.stop_early(options);
        self
    }
}

impl Hooks {
    /// Prints a line to the standard output with the progress bar out of its way.
    pub fn println(&self, line: impl Display) {
        suspend(|| println!("{line}"));
    }

    pub(crate) fn tracker(&self) -> &Arc<dyn Tracker> {
        &self.shared.tracker
    }

    /// Whether anything is tracked.
    pub(crate) fn is_enabled(&self) -> bool {
        self.shared.session.get().is_some()
    }

    /// The state, locked; `None` where nothing is tracked.
    pub(crate) fn session(&self) -> Option<MutexGuard<'_, Session>> {
        self.shared.session.get().map(Mutex::lock)
    }
}
