//! Every tracker of this crate keeps the promises of the contract.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use tracker_core::{
    Fanout, MemoryTracker, NoopTracker, Step, Tracker, init,
    read::RunReader,
    testing::{Subject, conformance},
};

#[test]
fn a_run_conforms() {
    let store = tempfile::tempdir().unwrap();
    conformance(|| {
        let run = init("conformance").dir(store.path()).start().unwrap();
        let path = run.path().to_owned();
        Subject::new(run).reads(move |metric| {
            let rows = RunReader::open(&path).unwrap().series(metric).unwrap();
            rows.into_iter().map(|row| (row.step, row.value)).collect::<Vec<(Step, f64)>>()
        })
    });
}

#[test]
fn the_memory_tracker_conforms() {
    conformance(|| {
        let tracker = MemoryTracker::new();
        Subject::new(&tracker).reads(move |metric| tracker.series(metric))
    });
}

#[test]
fn a_fanout_conforms_in_each_of_its_children() {
    for child in 0..2 {
        conformance(|| {
            let children = [MemoryTracker::new(), MemoryTracker::new()];
            let noop: Arc<dyn Tracker> = NoopTracker::new().into();
            let fanout = Fanout::new([(&children[0]).into(), noop, (&children[1]).into()]);
            Subject::new(fanout).reads(move |metric| children[child].series(metric))
        });
    }
}

#[test]
fn the_noop_tracker_conforms() {
    conformance(|| Subject::new(NoopTracker::new()));
}
