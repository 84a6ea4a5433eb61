//! What somebody outside asks of a run that lives.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs::{self, File},
    io::Write,
    time::{Duration, Instant},
};

use tracker_core::{
    Error, Run, State, Stop, Tracker,
    control::{CheckpointRequest, StopRequest},
    init,
};

fn start(store: &tempfile::TempDir) -> Run {
    init("control").dir(store.path()).signals(false).start().unwrap()
}

fn store() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Trains until it is asked to stop this urgently.
fn train_until(run: &Run, stop: Stop) {
    let patience = Instant::now();
    while run.requests().stop != stop {
        assert!(patience.elapsed() < Duration::from_secs(30), "no request was seen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Adds to `control.jsonl` what another program may write there.
fn append(run: &Run, text: &str) {
    let path = run.path().join("control.jsonl");
    let mut file = File::options().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_run_that_is_asked_to_stop_ends_as_stopped_with_who_and_why() {
    let store = store();
    let run = start(&store);
    let request = StopRequest::after_epoch().by("alice@host").why("out of budget");
    request.send(&run.reader().unwrap()).unwrap();
    train_until(&run, Stop::AfterEpoch);
    let reason = "alice@host asked to stop after this epoch: out of budget";
    assert_eq!(run.stop_reason().as_deref(), Some(reason));
    assert_eq!(run.finish().unwrap().state(), State::Stopped);
    let stored = run.reader().unwrap();
    assert_eq!((stored.state(), stored.info().message.as_deref()), (State::Stopped, Some(reason)));
    assert_eq!(stored.events().unwrap().len(), 1, "the request stands among the messages");
}

#[test]
fn a_more_urgent_request_counts_and_a_less_urgent_one_does_not() {
    let store = store();
    let run = start(&store);
    let reader = run.reader().unwrap();
    StopRequest::after_epoch().by("first").send(&reader).unwrap();
    train_until(&run, Stop::AfterEpoch);
    StopRequest::now().by("second").send(&reader).unwrap();
    train_until(&run, Stop::Now);
    StopRequest::after_epoch().by("third").send(&reader).unwrap();
    append(&run, "no request\n");
    while run.status().problems.is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(run.requests().stop, Stop::Now);
    assert_eq!(run.stop_reason().as_deref(), Some("second asked to stop now"));
}

#[test]
fn what_is_not_understood_is_counted_and_what_follows_is_obeyed() {
    let store = store();
    let run = start(&store);
    append(&run, "{\"time\":\"2026-01-01T00:00:00Z\",\"request\":\"dance\"}\n{\"torn");
    StopRequest::now().by("alice@host").send(&run.reader().unwrap()).unwrap();
    train_until(&run, Stop::Now);
    let problems = run.status().problems;
    let count = |kind: &str| problems.iter().find(|p| p.kind == kind).map_or(0, |p| p.count);
    assert_eq!(count("request-not-understood"), 2, "{problems:?}");
}

#[test]
fn a_resumed_run_is_not_stopped_by_the_request_that_stopped_it_before() {
    let store = store();
    let first = start(&store);
    StopRequest::now().send(&first.reader().unwrap()).unwrap();
    train_until(&first, Stop::Now);
    first.finish().unwrap();
    let builder = init("control").dir(store.path()).signals(false);
    let second = builder.resume(first.id().as_str()).start().unwrap();
    append(&second, "seen after the old request would have been\n");
    while second.status().problems.is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!((second.requests().stop, second.stop_reason()), (Stop::No, None));
    StopRequest::now().by("again").send(&second.reader().unwrap()).unwrap();
    train_until(&second, Stop::Now);
    assert_eq!(second.finish().unwrap().state(), State::Stopped);
    let lines = fs::read_to_string(second.path().join("control.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 3);
}

#[test]
fn checkpoints_that_are_asked_for_are_counted_and_one_that_nobody_saves_is_told() {
    let store = store();
    let run = start(&store);
    let ask = || CheckpointRequest::new().by("alice@host").send(&run.reader().unwrap()).unwrap();
    ask();
    while run.status().problems.is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(run.status().problems[0].kind, "checkpoint-not-saved");
    assert_eq!(run.checkpoints_asked(), 1);
    ask();
    let patience = Instant::now();
    while run.checkpoints_asked() < 2 {
        assert!(patience.elapsed() < Duration::from_secs(30), "no request was seen");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(run.status().problems[0].count, 1, "somebody listens now");
    assert_eq!(run.requests().stop, Stop::No);
    run.finish().unwrap();
    assert!(CheckpointRequest::new().send(&run.reader().unwrap()).is_err());
}

#[test]
fn a_run_that_has_ended_is_not_asked() {
    let store = store();
    let run = start(&store);
    run.finish().unwrap();
    let error = StopRequest::now().send(&run.reader().unwrap()).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }));
    let text = error.to_string();
    assert!(text.contains("is finished") && text.contains("hint: "), "{text}");
    assert!(!run.path().join("control.jsonl").exists());
}
