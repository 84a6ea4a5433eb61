//! Keeps our own panics from the training that we watch.

use tracker_core::{Problem, Tracker};

use crate::guard::counted;

/// Runs `work`. A panic in it is counted, and gives `None`.
pub(crate) fn guarded<T>(tracker: &dyn Tracker, work: impl FnOnce() -> T) -> Option<T> {
    counted(tracker, problem, work)
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
    use crate::guard::is_guarded;

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
