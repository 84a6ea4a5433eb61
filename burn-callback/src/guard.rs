//! Tells panics of our own, which are caught, from those that end a training.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tracker_core::{Event, Problem, Tracker};

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

/// Runs `work`. A panic in it is counted as `problem` instead of ending the training, and gives
/// `None`.
pub(crate) fn counted<T>(
    tracker: &dyn Tracker,
    problem: impl FnOnce() -> Problem,
    work: impl FnOnce() -> T,
) -> Option<T> {
    let result = caught(work);
    if result.is_none() {
        // Nothing more can be done if even that panics.
        caught(|| tracker.record(Event::Problem(problem())));
    }
    result
}
