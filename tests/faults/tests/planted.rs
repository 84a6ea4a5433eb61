//! A training that goes wrong says where.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use candle_hooks::WatchOptions;
use fault_tests::{Fault, judge, train};

/// What is found is not to depend on how quick the machine is.
fn whole() -> WatchOptions {
    WatchOptions::new().whole_flight()
}

#[test]
fn what_goes_wrong_is_named_with_its_layer_and_its_batch() {
    for fault in Fault::ALL {
        let store = tempfile::tempdir().unwrap();
        let planted = train(store.path(), Some(fault), 1, whole()).unwrap();
        let verdict = judge(store.path(), &planted).unwrap();
        assert!(verdict.is_right(), "{fault:?} at step {}: {verdict:?}", planted.step);
    }
}

#[test]
fn a_training_in_which_nothing_goes_wrong_says_nothing() {
    let store = tempfile::tempdir().unwrap();
    train(store.path(), None, 1, whole()).unwrap();
    let run = tracker_core::read::Store::open(store.path()).unwrap().find("@latest").unwrap();
    assert_eq!(run.alerts().unwrap(), []);
    assert_eq!(run.flights().unwrap(), []);
}
