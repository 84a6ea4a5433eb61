//! The handle that a training loop holds.

mod checkpoints;
mod looking;
mod values;
mod wrapping;

use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, MutexGuard};
use tracker_core::{FinishHook, NoopTracker, Stop, Tracker, progress::ProgressMode};

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

impl FinishHook for Shared {
    fn before_finish(&self) {
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
        self.shared.session.get_or_init(make).lock().stop_early(options);
        self
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
