//! `tracker stop`.

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use tracker_core::{Stop, Tracker, init, metrics};

use crate::support::{FIRST, Store};

const CHILD_STORE: &str = "TRACKER_TEST_STOPPING_CHILD";

/// The process that trains until it is asked to stop; in a normal test run it does nothing.
#[test]
fn the_child_trains_until_it_is_asked() {
    let Some(root) = env::var_os(CHILD_STORE).map(PathBuf::from) else { return };
    let run = init("mnist").name("live").dir(&root).start().unwrap();
    for step in 0_u32.. {
        if run.requests().stop != Stop::No {
            break;
        }
        run.log_at(step, metrics! { "loss" => 1.0 / f64::from(step + 1) });
        fs::write(root.join(".logged"), "").unwrap();
        thread::sleep(Duration::from_millis(1));
    }
    run.finish().unwrap();
}

pub(crate) fn training(store: &Store) -> Child {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "stops::the_child_trains_until_it_is_asked"])
        .env(CHILD_STORE, store.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !store.path().join(".logged").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        thread::sleep(Duration::from_millis(5));
    }
    child
}

pub(crate) fn wait(mut child: Child) {
    let patience = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(patience.elapsed() < Duration::from_secs(30), "the child trains on");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_training_in_another_process_is_stopped_and_says_who_and_why() {
    let store = Store::new();
    let child = training(&store);
    let page = store.prints(&["stop", "live", "--why", "out of budget"]);
    assert!(page.starts_with("run live will stop after this epoch and be saved: "), "{page}");
    assert!(page.contains("run.requests()") && page.contains(&child.id().to_string()), "{page}");
    wait(child);
    let shown = store.json(&["show", "live", "--json"]);
    assert_eq!(shown["run"]["state"], "stopped");
    let message = shown["run"]["message"].as_str().unwrap();
    assert!(message.ends_with(" asked to stop after this epoch: out of budget"), "{message}");
}

#[test]
fn now_is_within_a_batch() {
    let store = Store::new();
    let child = training(&store);
    let asked = store.json(&["stop", "live", "--now", "--json"]);
    assert_eq!((&asked["version"], &asked["when"]), (&json!(1), &json!("now")));
    wait(child);
    let shown = store.json(&["show", "live", "--json"]);
    assert_eq!(shown["run"]["message"], asked["reason"]);
    assert_eq!(shown["run"]["id"], asked["run"]);
}

#[test]
fn a_training_that_saves_no_checkpoint_says_so_when_it_is_asked_for_one() {
    let store = Store::new();
    let child = training(&store);
    let page = store.prints(&["checkpoint", "live"]);
    assert!(page.starts_with("run live will save a checkpoint after the step"), "{page}");
    let asked = store.json(&["checkpoint", "live", "--json"]);
    assert!(asked["reason"].as_str().unwrap().ends_with(" asked for a checkpoint"), "{asked}");
    thread::sleep(Duration::from_secs(1));
    store.prints(&["stop", "live", "--now"]);
    wait(child);
    let shown = store.json(&["show", "live", "--json"]);
    let problem = &shown["run"]["problems"][0];
    assert_eq!((&problem["kind"], &problem["count"]), (&json!("checkpoint-not-saved"), &json!(2)));
    let error = store.fails(&["checkpoint", "live"]);
    assert!(error.contains("run live is stopped") && error.contains("hint: "), "{error}");
}

#[test]
fn a_run_that_does_not_train_is_not_stopped() {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    let error = store.fails(&["stop", "baseline"]);
    assert!(error.contains("run baseline is finished") && error.contains("hint: "), "{error}");
}
