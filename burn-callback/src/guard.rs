//! Tells panics of our own, which are caught, from those that end a training.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is one of ours and will be caught. Panic hooks ask: such a
/// panic does not end the training.
pub(crate) fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work`; `None` if it panicked.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work)).ok();
    GUARDED.set(before);
    result
}
