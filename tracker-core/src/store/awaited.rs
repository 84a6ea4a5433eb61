//! Something that a thread finds out beside the training, for which the run's end waits a moment.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Whether something is still being found out. At first, nothing is.
#[derive(Debug, Default)]
pub(crate) struct Awaited {
    is_pending: Mutex<bool>,
    done: Condvar,
}

impl Awaited {
    pub(crate) fn begin(&self) {
        *self.is_pending.lock() = true;
    }

    pub(crate) fn done(&self) {
        *self.is_pending.lock() = false;
        self.done.notify_all();
    }

    /// Waits until it is done, and no longer than this.
    pub(crate) fn wait(&self, limit: Duration) {
        let mut is_pending = self.is_pending.lock();
        self.done.wait_while_for(&mut is_pending, |is_pending| *is_pending, limit);
    }
}
