//! A request from another process ends a training.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::common::{BATCHES, Slow, learner, training};
use burn::train::{EarlyStoppingStrategy, metric::store::EventStoreClient};
use burn_callback::prelude::*;
use tracker_core::{
    control::StopRequest,
    read::{RunReader, Store},
};

/// A training in a process of its own, far from its end.
struct Training {
    store: tempfile::TempDir,
    process: Child,
}

impl Training {
    fn start(early_stopping: bool) -> Self {
        let store = tempfile::tempdir().unwrap();
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "stopping::training_process", "--ignored", "--nocapture"])
            .env("TRACKER_TEST_STORE", store.path())
            .env("TRACKER_TEST_STOPPING", if early_stopping { "yes" } else { "no" })
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { store, process }
    }

    fn run(&self) -> Option<RunReader> {
        Store::open(self.store.path()).ok()?.runs().ok()?.runs.pop()
    }

    /// Waits until the training is in its second epoch.
    fn in_second_epoch(&self) -> RunReader {
        let end = Instant::now() + Duration::from_mins(2);
        loop {
            assert!(Instant::now() < end, "the training does not get on");
            thread::sleep(Duration::from_millis(20));
            let Some(run) = self.run() else { continue };
            let rows = run.series("batch/train/loss").unwrap_or_default();
            if rows.last().is_some_and(|row| row.step.0 > BATCHES) {
                return run;
            }
        }
    }

    /// Asks it in its second epoch to stop after the epoch, and waits until it has.
    fn stopped_after_its_epoch(self) -> (RunReader, tempfile::TempDir) {
        let run = self.in_second_epoch();
        StopRequest::after_epoch().by("alice").why("out of budget").send(&run).unwrap();
        let (run, store) = self.ended();
        assert_stopped(&run);
        (run, store)
    }

    fn ended(mut self) -> (RunReader, tempfile::TempDir) {
        let end = Instant::now() + Duration::from_mins(2);
        while self.process.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "the training does not stop");
            thread::sleep(Duration::from_millis(20));
        }
        (self.run().unwrap(), self.store)
    }
}

#[test]
#[ignore = "started by the other tests as a process of its own"]
fn training_process() {
    let store = std::env::var_os("TRACKER_TEST_STORE").unwrap();
    let run = init("points").dir(store).start().unwrap();
    let mut options = TrackOptions::new();
    if std::env::var("TRACKER_TEST_STOPPING").unwrap() == "yes" {
        options = options.early_stopping(Never);
    }
    training(run.dir(), 500)
        .with_default_checkpointers()
        .metric_train(Slow(Duration::from_millis(50)))
        .track_with(&run, options)
        .launch(learner(0.01));
    run.finish().unwrap();
}

fn assert_stopped(run: &RunReader) {
    assert_eq!(run.state(), State::Stopped);
    let message = run.info().message.clone().unwrap();
    assert!(message.contains("alice") && message.contains("out of budget"), "{message}");
}

#[test]
fn a_request_to_stop_now_ends_it_within_a_batch_or_two() {
    let training = Training::start(false);
    let run = training.in_second_epoch();
    let asked_at = run.series("batch/train/loss").unwrap().last().unwrap().step.0;
    StopRequest::now().by("alice").why("out of budget").send(&run).unwrap();
    let (run, _store) = training.ended();
    assert_stopped(&run);
    let last = run.series("batch/train/loss").unwrap().last().unwrap().step.0;
    // The request is seen within half a second, which is ten of these slow batches.
    assert!(last <= asked_at + 30, "{asked_at} {last}");
}

#[test]
fn a_request_to_stop_after_the_epoch_leaves_its_checkpoint() {
    let (run, _store) = Training::start(false).stopped_after_its_epoch();
    let epochs = run.series("epoch").unwrap().len();
    assert!(epochs >= 2, "{epochs}");
    let checkpoint = run.path().join(format!("files/checkpoint/model-{epochs}.bpk"));
    assert!(checkpoint.exists(), "{}", checkpoint.display());
}

#[test]
fn with_early_stopping_of_the_users_own_not_one_batch_more_is_trained() {
    let (run, _store) = Training::start(true).stopped_after_its_epoch();
    let epochs = run.series("epoch").unwrap().len() as u64;
    let last = run.series("batch/train/loss").unwrap().last().unwrap().step.0;
    assert_eq!(last, epochs * BATCHES - 1, "{epochs} epochs");
    assert!(run.path().join(format!("files/checkpoint/model-{epochs}.bpk")).exists());
}

#[test]
fn ctrl_c_ends_it_as_stopped() {
    let training = Training::start(false);
    let run = training.in_second_epoch();
    let pid = training.process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let (ended, _store) = training.ended();
    assert_eq!(ended.info().id, run.info().id);
    assert_eq!(ended.state(), State::Stopped);
    let message = ended.info().message.clone().unwrap();
    assert!(message.contains("SIGINT"), "{message}");
}

/// An early stopping that never stops.
#[derive(Clone)]
struct Never;

impl EarlyStoppingStrategy for Never {
    fn should_stop(&mut self, _: usize, _: &EventStoreClient) -> bool {
        false
    }
}
