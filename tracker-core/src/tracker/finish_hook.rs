//! What adapters still have to log when a run is finished.

use std::{fmt, mem, sync::Weak};

use parking_lot::Mutex;

use crate::Outcome;

/// Something that holds values back, such as an evaluation to which more may be added, and logs
/// them before the run is finished; see [`Tracker::before_finish`](crate::Tracker::before_finish).
pub trait FinishHook: Send + Sync {
    /// Logs all that was held back. The run takes it still, and is about to end with `outcome`. Must not
    /// finish the run.
    fn before_finish(&self, outcome: &Outcome);
}

/// Those that want to be called before the run is finished.
#[derive(Default)]
pub(crate) struct FinishHooks(Mutex<Vec<Weak<dyn FinishHook>>>);

impl FinishHooks {
    pub(crate) fn add(&self, adapter: Weak<dyn FinishHook>) {
        let mut adapters = self.0.lock();
        // A training that makes its hooks anew in each epoch must not fill the list.
        adapters.retain(|adapter| adapter.strong_count() > 0);
        adapters.push(adapter);
    }

    /// Calls each of them, once. Another thread that finishes the run waits meanwhile.
    pub(crate) fn call(&self, outcome: &Outcome) {
        let mut adapters = self.0.lock();
        for adapter in mem::take(&mut *adapters) {
            if let Some(adapter) = adapter.upgrade() {
                adapter.before_finish(outcome);
            }
        }
    }
}

impl fmt::Debug for FinishHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FinishHooks").field(&self.0.lock().len()).finish()
    }
}
