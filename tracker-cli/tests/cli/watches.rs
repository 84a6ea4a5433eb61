//! `tracker watch` where there is no terminal.

use std::process::Stdio;

use serde_json::{Value, json};
use tracker_core::metrics;

use crate::support::{FIRST, Store, texts};

#[test]
fn a_run_that_is_over_is_told_by_its_last_steps_and_its_end() {
    let store = Store::new();
    let run = store.init("short").start().unwrap();
    for step in 0..30_u64 {
        run.log_at(step, metrics! { "loss" => 1.0 / (step + 1) as f64 });
    }
    run.finish().unwrap();
    let text = store.prints(&["watch", "short"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 11, "{text}");
    assert!(lines[0].starts_with("step 20 "), "{text}");
    assert_eq!(lines[10], "short finished");
    assert_eq!(store.prints(&["watch", "short", "--all"]).lines().count(), 31);
}

#[test]
fn a_run_is_followed_as_json_until_it_ends() {
    let store = Store::new();
    let run = store.init("live").start().unwrap();
    run.log_at(1_u64, metrics! { "loss" => 0.5 });
    let watching = store
        .command(&["watch", "--json", "--all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    run.log_at(2_u64, metrics! { "loss" => f64::NAN });
    run.finish().unwrap();
    let output = watching.wait_with_output().unwrap();
    assert!(output.status.success());
    let (out, _) = texts(&output);
    let documents: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents[0]["metrics"], json!({ "loss": 0.5 }));
    assert_eq!(documents[1]["metrics"], json!({ "loss": "NaN" }));
    assert_eq!(documents[2]["state"], "finished");
    assert_eq!(documents.len(), 3);
}

#[test]
fn names_cannot_change_what_the_terminal_shows() {
    let store = Store::new();
    store.trained(FIRST, "evil\u{202e}gnp", &json!({}), 1.0, 1);
    let output = store.tracker(&["watch", FIRST]);
    let (out, _) = texts(&output);
    assert!(out.ends_with("evilgnp finished\n"), "{out:?}");
}

#[test]
fn a_store_without_runs_says_what_to_do() {
    let store = Store::new();
    assert!(store.fails(&["watch"]).contains("hint: "));
}
