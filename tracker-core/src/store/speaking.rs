//! Which threads say something right now, so that what is said of a message becomes none.

use std::cell::Cell;

thread_local! {
    static SPEAKING: Cell<bool> = const { Cell::new(false) };
}

/// A thread that hands a message over, until it is dropped. What it logs meanwhile, by the `Debug` of
/// a field or in a library below, is no message: it could go on for ever.
#[cfg(any(test, feature = "log", feature = "tracing"))]
#[derive(Debug)]
pub(crate) struct Speaking(());

#[cfg(any(test, feature = "log", feature = "tracing"))]
impl Speaking {
    /// `None` if the thread does so already, or is one of tracker's own.
    pub(crate) fn begin() -> Option<Self> {
        let was_speaking = SPEAKING.replace(true);
        if was_speaking { None } else { Some(Self(())) }
    }
}

#[cfg(any(test, feature = "log", feature = "tracing"))]
impl Drop for Speaking {
    fn drop(&mut self) {
        SPEAKING.set(false);
    }
}

/// Keeps the messages of a thread that writes messages from being written by it.
pub(crate) fn silence_this_thread() {
    SPEAKING.set(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks_is_not_heard_again_until_it_is_done() {
        let first = Speaking::begin();
        assert!(first.is_some() && Speaking::begin().is_none());
        drop(first);
        assert!(Speaking::begin().is_some());
        silence_this_thread();
        assert!(Speaking::begin().is_none());
    }
}
