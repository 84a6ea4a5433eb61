//! `tracker set`, and the same on the page.

use std::{
    env,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tracker_core::{init, metrics};

use crate::{
    server::Server,
    stops::wait,
    support::{FIRST, Store},
};

const CHILD_STORE: &str = "TRACKER_TEST_TURNED_CHILD";

/// The process that trains until its rate is 0.5; in a normal test run it does nothing.
#[test]
fn the_child_trains_with_a_knob() {
    let Some(root) = env::var_os(CHILD_STORE).map(PathBuf::from) else { return };
    let run = init("mnist").name("live").dir(&root).start().unwrap();
    let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.5);
    let _dropout = run.knob("dropout", 0.1);
    for step in 0_u32.. {
        let rate = lr.at(step);
        run.log_at(step, metrics! { "rate" => rate });
        if rate.to_bits() == 0.5_f64.to_bits() {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    run.finish().unwrap();
}

fn training(store: &Store) -> Child {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "knobs::the_child_trains_with_a_knob"])
        .env(CHILD_STORE, store.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually(|| {
        let shown = store.tracker(&["set", "live", "--json"]);
        let shown: Option<Value> = serde_json::from_slice(&shown.stdout).ok();
        shown.is_some_and(|shown| {
            shown["knobs"]["lr"]["most"] == 0.5 && shown["knobs"]["dropout"].is_object()
        })
    });
    child
}

fn eventually(mut is_so: impl FnMut() -> bool) {
    let patience = Instant::now();
    while !is_so() {
        assert!(patience.elapsed() < Duration::from_secs(30), "it does not come");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_rate_of_a_training_in_another_process_is_set_and_listed() {
    let store = Store::new();
    let child = training(&store);
    let page = store.prints(&["set", "live", "lr=0.25", "dropout=0.2"]);
    assert!(page.contains("lr: 0.001 → 0.25") && page.contains("dropout: 0.1 → 0.2"), "{page}");
    eventually(|| store.json(&["set", "live", "--json"])["knobs"]["lr"]["value"] == 0.25);
    let knobs = store.json(&["set", "live", "--json"])["knobs"].clone();
    let since = knobs["lr"]["since"].as_u64().unwrap();
    assert_eq!(knobs["dropout"]["since"], since, "both at one step");
    let listed = store.prints(&["set", "live"]);
    let line = listed.lines().find(|line| line.trim_start().starts_with("lr")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let since = since.to_string();
    assert_eq!(
        words,
        ["lr", "0.25", "0.001", "values", "from", "1e-6", "to", "0.5", "step", &since]
    );
    let asked = store.json(&["set", "live", "lr=0.5", "--json"]);
    assert_eq!((&asked["version"], &asked["asked"]), (&json!(1), &json!({ "lr": 0.5 })));
    wait(child);

    let shown = store.prints(&["show", "live"]);
    assert!(shown.contains("\nKnobs\n") && shown.contains("\nChanges of knobs\n"), "{shown}");
    let shown = store.json(&["show", "live", "--json"]);
    let events = shown["run"]["events"].as_array().unwrap();
    let changes: Vec<&Value> = events.iter().filter(|event| event["kind"] == "knob").collect();
    assert_eq!(changes.len(), 3);
    assert_eq!(shown["run"]["knobs"]["lr"]["value"], 0.5);
    let error = store.fails(&["set", "live", "lr=0.1"]);
    assert!(error.contains("run live is finished") && error.contains("hint: "), "{error}");
}

#[test]
fn what_cannot_be_set_is_told_with_the_way_out() {
    let store = Store::new();
    let child = training(&store);
    for (asked, told, hint) in [
        ("lr=7", "it takes values from 1e-6 to 0.5", "its default 0.001"),
        ("lr=nan", "it is no finite number", "its default"),
        ("lr=-inf", "it is no finite number", "its default"),
        ("momentum=0.9", "run live has none of this name", "it has dropout, lr"),
        ("\u{1b}[31m=0.9", "has none of this name", "it has"),
    ] {
        let error = store.fails(&["set", "live", "dropout=0.3", asked]);
        assert!(error.contains(told) && error.contains(hint), "{error}");
        assert!(!error.contains('\u{1b}'), "{error}");
    }
    for wrong in ["lr", "lr=", "lr=fast", "lr=1e-3x"] {
        let error = store.fails(&["set", "live", wrong]);
        assert!(error.contains("hint: write it as `lr=5e-4`"), "{error}");
    }
    assert_eq!(store.json(&["set", "live", "--json"])["knobs"]["dropout"]["value"], 0.1);
    store.prints(&["set", "live", "lr=0.5"]);
    wait(child);
}

#[test]
fn a_run_without_knobs_says_how_to_have_some() {
    let store = Store::new();
    store.trained(FIRST, "plain", &json!({}), 0.0, 1);
    let listed = store.prints(&["set", "plain"]);
    assert!(listed.contains("has no knobs") && listed.contains("run.knob("), "{listed}");
    assert_eq!(store.json(&["set", "plain", "--json"])["knobs"], json!({}));
}

#[test]
fn the_page_sets_knobs_and_tells_what_became_of_it() {
    let store = Store::new();
    let child = training(&store);
    let server = Server::of(&store);
    let id = server.json("/api/v1/runs")["runs"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{id}");
    let set = |knobs: Value| server.post(&format!("{path}/knobs"), &json!({ "knobs": knobs }));
    for (wrong, status) in [
        (json!({ "lr": 7 }), 400),
        (json!({ "lr": "NaN" }), 400),
        (json!({ "lr": null }), 400),
        (json!({ "momentum": 0.9 }), 400),
        (json!({}), 400),
        (json!([]), 400),
    ] {
        let answer = set(wrong.clone());
        assert_eq!(answer.status, status, "{wrong}");
        assert!(answer.json()["hint"].is_string());
    }
    assert_eq!(server.json(&path)["knobs"][1]["changes"], json!([]));
    assert_eq!(set(json!({ "lr": 0.25 })).status, 200);
    eventually(|| server.json(&path)["knobs"][1]["value"] == 0.25);
    let knob = server.json(&path)["knobs"][1].clone();
    let [change] = &knob["changes"].as_array().unwrap()[..] else { panic!("{knob}") };
    assert_eq!((&change["value"], &change["from_step"]), (&json!(0.25), &knob["since"]));
    assert_eq!(
        (&knob["name"], &knob["least"], &knob["most"]),
        (&json!("lr"), &json!(1e-6), &json!(0.5))
    );
    assert_eq!(set(json!({ "lr": 0.5 })).status, 200);
    wait(child);
    assert_eq!(set(json!({ "lr": 0.25 })).status, 409, "it has ended");
}
