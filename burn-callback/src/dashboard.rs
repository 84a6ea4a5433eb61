//! Burn's own dashboard, which owns the terminal while it is up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::train::renderer::{MetricsRenderer, default_renderer};
use tracker_core::{FinishHook, Outcome, adapter::HeldNotices};

use crate::{guard::caught, session::Session};

/// Burn's dashboard until it is closed.
///
/// It is up as long as the training's result lives, most often to the end of the program, on a
/// screen of the terminal that is gone with it. So it is closed before the run is finished: what
/// `finish` returns can then be printed and seen. What tracker says by itself waits until then.
pub(crate) struct Dashboard {
    shown: Mutex<Option<Shown>>,
}

/// The notices are dropped, and said, after the renderer has given the terminal back.
struct Shown {
    renderer: Box<dyn MetricsRenderer>,
    _notices: HeldNotices,
}

impl Dashboard {
    /// Opens Burn's dashboard for a training, or for an evaluation.
    pub(crate) fn open(session: &Session) -> Arc<Self> {
        let notices = HeldNotices::hold();
        let renderer = default_renderer(session.interrupter().clone(), session.checkpoint());
        let shown = Mutex::new(Some(Shown { renderer, _notices: notices }));
        let dashboard = Arc::new(Self { shown });
        let closes: Arc<dyn FinishHook> = Arc::clone(&dashboard) as _;
        session.guarded("dashboard", |tracker| tracker.before_finish(Arc::downgrade(&closes)));
        dashboard
    }

    /// Tells the dashboard, if it is up. Not guarded: it panics on purpose when a person kills the
    /// training in it.
    pub(crate) fn show<T>(&self, tell: impl FnOnce(&mut dyn MetricsRenderer) -> T) -> Option<T> {
        self.shown().as_mut().map(|shown| tell(&mut *shown.renderer))
    }

    /// Leaves it up until a person quits it.
    pub(crate) fn close_by_hand(&self) {
        let shown = self.shown().take();
        if let Some(mut shown) = shown {
            shown.renderer.manual_close();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shown().is_none()
    }

    fn shown(&self) -> MutexGuard<'_, Option<Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FinishHook for Dashboard {
    fn before_finish(&self, _: &Outcome) {
        let shown = self.shown().take();
        // It panics once more where a person has killed the training in it.
        caught(|| drop(shown));
    }
}
