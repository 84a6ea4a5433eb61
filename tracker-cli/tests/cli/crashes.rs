//! Runs whose process was killed.

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::json;
use tracker_core::{Tracker, init, metrics};

use crate::support::Store;

const CHILD_STORE: &str = "TRACKER_TEST_CRASHING_CHILD";

/// The process that is killed; in a normal test run it does nothing.
#[test]
fn the_child_logs_until_it_is_killed() {
    let Some(root) = env::var_os(CHILD_STORE).map(PathBuf::from) else { return };
    let run = init("mnist").name("doomed").dir(&root).start().unwrap();
    for step in 0..1_000_u32 {
        run.log_at(step, metrics! { "loss" => 1.0 / f64::from(step + 1) });
    }
    run.flush(Duration::from_secs(30)).unwrap();
    fs::write(root.join(".flushed"), "").unwrap();
    thread::sleep(Duration::from_mins(1));
}

/// A process that logs, and waits to be killed.
pub(crate) fn doomed(store: &Store) -> Child {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "crashes::the_child_logs_until_it_is_killed"])
        .env(CHILD_STORE, store.path())
        // A program that is about to start has the locks of the process that starts it.
        .env("TRACKER_CODE_CHANGES", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !store.path().join(".flushed").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_killed_run_is_shown_as_crashed_with_all_its_points() {
    let store = Store::new();
    let mut child = doomed(&store);
    assert_eq!(store.json(&["ls", "--json"])["runs"][0]["state"], "running");
    child.kill().unwrap();
    child.wait().unwrap();

    let shown = store.json(&["show", "doomed", "--json"]);
    assert_eq!(shown["run"]["state"], "crashed");
    assert_eq!(shown["run"]["finished_at"], json!(null));
    assert_eq!(shown["run"]["summary"]["loss"]["count"], 1_000);
    assert_eq!(shown["run"]["warnings"], json!([]));
    let page = store.prints(&["show", "doomed"]);
    assert!(page.contains("crashed") && page.contains("to its last point"), "{page}");
    let seconds = |listed: &serde_json::Value| listed["runs"][0]["seconds"].as_f64().unwrap();
    let (listed, again) = (store.json(&["ls", "--json"]), store.json(&["ls", "--json"]));
    assert_eq!(seconds(&listed), seconds(&again), "to its last point, not to now");
    let row = store.prints(&["ls"]).lines().last().unwrap().to_owned();
    assert!(!row.contains('–'), "{row}");
    let csv = store.prints(&["export", "doomed", "--to", "csv"]);
    assert_eq!(csv.lines().count(), 1_001);
}
