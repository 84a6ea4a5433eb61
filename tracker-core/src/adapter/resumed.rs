//! Where a training begins that does not go on from a checkpoint, though its run was resumed.

use crate::{Error, Event, Problem, Result, RunContext, Tracker, read::RunReader};

/// The first step of a training that begins anew in a resumed run: the one after all that was logged
/// before, which is told; 0 if nothing was. `to_go_on` says what to call to go on from the last
/// checkpoint.
///
/// # Errors
/// If the run cannot be read; [`resumed_run_not_read`] is the problem to tell then.
pub fn begin_anew(tracker: &dyn Tracker, run: &dyn RunContext, to_go_on: &str) -> Result<u64> {
    let Some(last) = RunReader::of_context(run)?.last_step()? else { return Ok(0) };
    tracker.record(Event::Problem(Problem::new(
        "training-begins-anew",
        "the run goes on from an earlier training, but its own begins anew: steps go on after those of before",
        format!("to go on from the last checkpoint, {to_go_on}"),
    )));
    Ok(last.0.wrapping_add(1))
}

/// What a resumed run logged before cannot be read.
pub fn resumed_run_not_read(error: &Error) -> Problem {
    Problem::new(
        "resumed-run-not-read",
        format!("what the run logged before could not be read: {error}"),
        "its steps are counted from 0 again, beside those of before",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{MemoryTracker, init};

    #[test]
    fn steps_go_on_after_those_of_before_and_it_is_told() {
        let store = tempfile::tempdir().unwrap();
        let run = init("points").dir(store.path()).start().unwrap();
        let tracker = MemoryTracker::new();
        assert_eq!(begin_anew(&tracker, &run, "restore it").unwrap(), 0);
        assert_eq!(tracker.problems(), []);
        run.log_at(41, [("train/loss", 0.5)]);
        run.flush(Duration::from_secs(30)).unwrap();
        assert_eq!(begin_anew(&tracker, &run, "restore it").unwrap(), 42);
        let [told] = &tracker.problems()[..] else { panic!("{:?}", tracker.problems()) };
        assert_eq!(told.kind, "training-begins-anew");
        assert!(told.hint.ends_with("from the last checkpoint, restore it"), "{}", told.hint);
        run.finish().unwrap();
    }
}
