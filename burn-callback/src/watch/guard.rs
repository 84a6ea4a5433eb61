//! Keeps our own panics from the training that we watch.

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

/// Runs `work`. A panic in it is counted, and gives `None`.
pub(crate) fn guarded<T>(tracker: &dyn Tracker, work: impl FnOnce() -> T) -> Option<T> {
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work)).ok();
    if result.is_none() {
        // Nothing more can be done if even that panics.
        let _ = catch_unwind(AssertUnwindSafe(|| tracker.record(Event::Problem(problem()))));
    }
    GUARDED.set(before);
    result
}

fn problem() -> Problem {
    Problem::new(
        "panic-while-watching",
        "watching the model panicked and dropped what it had measured",
        "training goes on without these values; please report the panic's message above",
    )
}

#[cfg(test)]
mod tests {
    use tracker_core::MemoryTracker;

    use super::*;

    #[test]
    fn a_panic_is_counted_and_leaves_no_trace_on_the_thread() {
        let tracker = MemoryTracker::new();
        assert_eq!(guarded(&tracker, || 3), Some(3));
        let result: Option<()> = guarded(&tracker, || {
            assert!(!is_guarded(), "ours");
        });
        assert_eq!(result, None);
        assert!(!is_guarded());
        assert_eq!(tracker.problems()[0].kind, "panic-while-watching");
    }
}
