//! Trainings that log to a stored run.

use std::{thread, time::Duration};

use crate::common::{BATCHES, PANIC_AT, Slow, learner, training};
use burn_callback::prelude::*;
use tracker_core::read::{RunReader, Store};

fn only_run(store: &tempfile::TempDir) -> RunReader {
    let store = Store::open(store.path()).unwrap();
    store.runs().unwrap().runs.pop().unwrap()
}

#[test]
fn a_run_holds_what_the_training_measured() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    let result = training(run.dir(), 2).summary().track(&run).launch(learner(0.01));
    assert!(result.error.is_none());
    let report = run.finish().unwrap();
    assert_eq!(report.state(), State::Finished);
    let summary = report.summary("valid/loss").unwrap();
    assert_eq!(summary.step, Step(2 * BATCHES - 1));

    let reader = only_run(&store);
    assert_eq!(reader.series("batch/train/loss").unwrap().len() as u64, 2 * BATCHES);
    assert_eq!(reader.info().definitions["valid/accuracy"].unit.as_deref(), Some("%"));
}

#[test]
fn a_panic_in_the_model_fails_the_run_with_its_message() {
    let store = tempfile::tempdir().unwrap();
    let root = store.path().to_owned();
    let trained = thread::spawn(move || {
        PANIC_AT.set(Some(10));
        let run = init("points").dir(root).signals(false).start().unwrap();
        training(run.dir(), 2)
            .with_default_checkpointers()
            .metric_train(Slow(Duration::from_millis(100)))
            .track(&run)
            .launch(learner(0.01));
        run.finish().unwrap();
    });
    assert!(trained.join().is_err());

    let reader = only_run(&store);
    assert_eq!(reader.state(), State::Failed);
    let message = reader.info().message.clone().unwrap();
    assert!(message.contains("the user's model gave up"), "{message}");
    let rows = reader.series("batch/train/loss").unwrap();
    assert_eq!(rows.len(), 10, "all batches before the panic are there");
}

#[test]
fn a_training_that_did_not_panic_leaves_no_handle_behind() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    let result = training(run.dir(), 1).track(&run).launch(learner(0.01));
    drop((run, result));
    assert_eq!(only_run(&store).state(), State::Ended);
}

#[test]
fn a_training_in_another_folder_is_told_of() {
    let (store, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    training(&elsewhere, 1).with_default_checkpointers().track(&run).launch(learner(0.01));
    let report = run.finish().unwrap();
    let kinds: Vec<_> = report.problems().iter().map(|problem| problem.kind.as_str()).collect();
    assert_eq!(kinds, ["training-in-another-folder"]);
}

#[test]
fn a_training_in_the_runs_folder_gives_no_warning() {
    let store = tempfile::tempdir().unwrap();
    let run = init("points").dir(store.path()).signals(false).start().unwrap();
    training(run.dir(), 2).with_default_checkpointers().track(&run).launch(learner(0.01));
    assert_eq!(run.finish().unwrap().problems(), []);
}
