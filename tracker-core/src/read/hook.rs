//! Pauses between the steps of reading, in which tests move points on.

/// What has just been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    RingsRead,
    LogsRead,
    PartsListed,
}

#[cfg(not(test))]
pub(crate) fn pause(_: Pause) {}

#[cfg(test)]
pub(crate) use testing::{at_pauses, pause};

#[cfg(test)]
mod testing {
    use std::cell::RefCell;

    use super::Pause;

    type Callback = Box<dyn FnMut(Pause)>;

    thread_local! {
        static CALLBACK: RefCell<Option<Callback>> = const { RefCell::new(None) };
    }

    pub(crate) fn pause(pause: Pause) {
        // Taken out while it runs: what it does may read the run itself.
        let Some(mut callback) = CALLBACK.take() else { return };
        callback(pause);
        CALLBACK.set(Some(callback));
    }

    /// Runs `read` on this thread, with `callback` called at every pause.
    pub(crate) fn at_pauses<T>(
        callback: impl FnMut(Pause) + 'static,
        read: impl FnOnce() -> T,
    ) -> T {
        CALLBACK.set(Some(Box::new(callback)));
        let result = read();
        CALLBACK.set(None);
        result
    }
}
