//! What differs from the run of the same program before it, told at a run's start.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::Path, thread, time::Duration};

use serde_json::{Value, json};
use tracker_core::{Run, Tracker, init, read::RunReader};

fn start(store: &Path, project: &str, name: &str, config: &Value) -> Run {
    let run = init(project).name(name).config(config).dir(store).signals(false);
    run.system_metrics(false).code_changes(false).start().unwrap()
}

fn trained(store: &Path, project: &str, name: &str, config: &Value) -> RunReader {
    let run = start(store, project, name, config);
    run.log_at(0_u64, [("loss", 0.5)]);
    run.finish().unwrap();
    // The next id is greater.
    thread::sleep(Duration::from_millis(2));
    RunReader::open(run.path()).unwrap()
}

#[test]
fn a_run_is_measured_by_the_newest_earlier_one_of_its_project_and_program() {
    let store = tempfile::tempdir().unwrap();
    let at = store.path();
    let first = trained(at, "mnist", "first", &json!({ "lr": 0.001, "seed": 1 }));
    assert_eq!(first.info().since, None, "there is none before it");
    trained(at, "other", "elsewhere", &json!({ "lr": 5.0 }));
    let second = trained(at, "mnist", "second", &json!({ "lr": 0.003, "seed": 1 }));
    let since = second.info().since.clone().unwrap();
    assert_eq!((since.run, since.name.as_str()), (first.info().id.clone(), "first"));
    assert_eq!(since.text, "lr 0.001 → 0.003");
    let third = trained(at, "mnist", "third", &json!({ "lr": 0.003, "seed": 1 }));
    let since = third.info().since.clone().unwrap();
    assert_eq!(since.name, "second");
    assert_eq!(since.text, "nothing differs in settings and packages");
}

#[test]
fn a_resumed_run_keeps_what_was_told_at_its_start() {
    let store = tempfile::tempdir().unwrap();
    let at = store.path();
    trained(at, "mnist", "first", &json!({ "lr": 1 }));
    let second = trained(at, "mnist", "second", &json!({ "lr": 2 }));
    trained(at, "mnist", "third", &json!({ "lr": 3 }));
    let again = init("mnist").resume("second").dir(at).signals(false).start().unwrap();
    again.finish().unwrap();
    let known = RunReader::open(again.path()).unwrap();
    assert_eq!(known.info().since, second.info().since);
    assert!(known.info().since.is_some());
}

#[test]
fn the_line_is_short_however_much_differs_and_is_there_while_the_run_lives() {
    let store = tempfile::tempdir().unwrap();
    let at = store.path();
    let config = |value: usize| -> Value {
        (0..500).map(|key| (format!("setting_{key}"), json!(value))).collect()
    };
    trained(at, "mnist", &"long".repeat(20), &config(1));
    let run = start(at, "mnist", "second", &config(2));
    let since = || RunReader::open(run.path()).unwrap().info().since.clone();
    let found = (0..1_000).find_map(|_| {
        thread::sleep(Duration::from_millis(20));
        run.flush(Duration::from_secs(30)).unwrap();
        since()
    });
    let text = found.unwrap().text;
    assert!(text.chars().count() < 160, "{text}");
    assert!(text.starts_with("setting_0 1 → 2, ") && text.ends_with(" more settings"), "{text}");
    run.finish().unwrap();
}
