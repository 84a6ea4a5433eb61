//! Where a training puts a copy of itself down, for the thread that writes it.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::adapter::checkpoints::progress::Progress;

/// How often a waiting thread looks whether something is done at all.
const LOOK: Duration = Duration::from_millis(100);

/// Room for one snapshot, between the training and the thread that writes.
#[derive(Debug)]
pub(crate) struct Handoff<S> {
    state: Mutex<State<S>>,
    changed: Condvar,
    pub(crate) progress: Progress,
}

#[derive(Debug)]
struct State<S> {
    waiting: Option<S>,
    writing: bool,
    /// Nothing more will come.
    closed: bool,
    /// Nobody takes what is there.
    left: bool,
}

impl<S> Default for Handoff<S> {
    fn default() -> Self {
        let state = State { waiting: None, writing: false, closed: false, left: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), progress: Progress::default() }
    }
}

/// The training's side.
impl<S> Handoff<S> {
    /// Waits, `patience` at most, until there is room. Returns whether there is.
    pub(crate) fn wait_for_room(&self, patience: Duration) -> bool {
        let mut state = self.state.lock();
        let until = Instant::now() + patience;
        while state.waiting.is_some() && !state.left {
            if self.changed.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        state.waiting.is_none() && !state.left
    }

    pub(crate) fn put(&self, snapshot: S) {
        self.state.lock().waiting = Some(snapshot);
        self.changed.notify_all();
    }

    /// Waits until all is written, as long as something is done within any `patience`. Returns
    /// whether all is.
    pub(crate) fn wait_until_empty(&self, patience: Duration) -> bool {
        let mut state = self.state.lock();
        let (mut count, mut since) = (self.progress.count(), Instant::now());
        while (state.writing || state.waiting.is_some()) && !state.left {
            self.changed.wait_for(&mut state, LOOK);
            let now = self.progress.count();
            if now != count {
                (count, since) = (now, Instant::now());
            } else if since.elapsed() >= patience {
                break;
            }
        }
        state.waiting.is_none() && !state.writing
    }

    /// Says that nothing more will come.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}

/// The writing thread's side.
impl<S> Handoff<S> {
    /// Waits for a snapshot; `None` when no more will come.
    pub(crate) fn take(&self) -> Option<S> {
        let mut state = self.state.lock();
        loop {
            if let Some(snapshot) = state.waiting.take() {
                state.writing = true;
                self.changed.notify_all();
                return Some(snapshot);
            }
            if state.closed {
                return None;
            }
            self.changed.wait(&mut state);
        }
    }

    /// Says that what was taken is done with.
    pub(crate) fn done(&self) {
        self.state.lock().writing = false;
        self.progress.note();
        self.changed.notify_all();
    }

    /// Says that nobody takes anything any more.
    pub(crate) fn leave(&self) {
        self.state.lock().left = true;
        self.changed.notify_all();
    }
}
