//! `tracker show`.

use serde_json::json;
use tracker_core::{
    Artifact, Definition, Event, Histogram, Level, Outcome, Point, Problem, Step, Timestamp,
    Tracker, metrics,
};

use crate::support::{FIRST, SECOND, Store, assert_text, edit, finish_as_if, texts};

#[test]
fn a_run_is_shown_from_its_settings_to_its_messages() {
    let store = Store::new();
    let config = json!({
        "lr": 0.001, "batch_size": 64, "label": "1",
        "optimizer": {"kind": "adam", "decay": null}, "layers": [32, 64],
    });
    let builder = store.init("baseline").config(&config).tags(["cnn", "demo"]);
    let run = builder.notes("Does it\nlearn?").group("seeds").start().unwrap();
    run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    run.define("train/loss", Definition::new().lower_is_better());
    for step in 0..40_u32 {
        let loss = 2.0 / f64::from(step + 1);
        run.log_at(step, metrics! { "batch/train/loss" => loss });
        if step % 4 == 3 {
            let loss = if step == 19 { f64::NAN } else { loss };
            run.log_at(step, metrics! { "train/loss" => loss });
            run.log_at(step, metrics! { "valid/accuracy" => 1.0 - 1.0 / f64::from(step + 2) });
        }
    }
    let problem =
        Problem::new("loss-not-finite", "train/loss was NaN at step 19", "lower the rate");
    run.record(Event::Problem(problem));
    run.record(Event::Message { level: Level::Info, text: "halfway".into() });
    run.record(Event::Text { name: "sample".into(), step: Step(9), text: "two\nlines".into() });
    finish_as_if(&run, FIRST, 2);
    assert_text!(store.prints(&["show", "baseline"]));
}

#[test]
fn a_run_that_logged_nothing_is_shown() {
    let store = Store::new();
    let run = store.init("empty").start().unwrap();
    finish_as_if(&run, FIRST, 2);
    assert_text!(store.prints(&["show", "empty"]));
}

#[test]
fn facts_files_and_histograms_are_shown() {
    let store = Store::new();
    let run = store.init("recorded").start().unwrap();
    run.describe("model", json!({ "parameters": 32_810, "layers": {"conv": 2, "linear": 1} }));
    run.describe("data", json!({ "images": 60_000, "path": "/data/mnist" }));
    for epoch in 1..=4_u64 {
        let path = run.dir().join(format!("epoch-{epoch}"));
        std::fs::write(&path, vec![0; 1_000 * epoch as usize]).unwrap();
        let model = Artifact::of_file("checkpoint/model", format!("epoch-{epoch}"), path).unwrap();
        run.log_artifact(model.kind("model").epoch(epoch).step(epoch * 10).alias("latest"));
        run.log_histogram("weights/conv1", epoch, Histogram::new(0.0, 1.0, vec![1, 2]));
    }
    run.log_artifact(Artifact::new("data", "v1").alias("test"));
    for version in ["epoch-1", "epoch-2"] {
        let (name, version) = ("checkpoint/model".into(), version.into());
        run.record(Event::ArtifactDeleted { name, version });
    }
    run.record(Event::Conclusion { text: "stopped early after epoch 4 of 9".into() });
    finish_as_if(&run, FIRST, 2);
    assert_text!(store.prints(&["show", "recorded"]));

    let shown = &store.json(&["show", "recorded", "--json"])["run"];
    assert_eq!(shown["about"]["model"]["layers"]["conv"], 2);
    assert_eq!(shown["message"], "stopped early after epoch 4 of 9");
    let artifacts = shown["artifacts"].as_array().unwrap();
    assert_eq!(artifacts.len(), 5);
    let told: Vec<_> =
        artifacts.iter().map(|artifact| (&artifact["version"], &artifact["deleted"])).collect();
    assert_eq!(told[0], (&json!("epoch-1"), &json!(true)));
    let last = &artifacts[3];
    assert_eq!((&last["type"], &last["path"]), (&json!("model"), &json!("files/epoch-4")));
    assert_eq!((&last["bytes"], &last["aliases"]), (&json!(4_000), &json!(["latest"])));
    assert_eq!(last["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn hidden_metrics_are_for_programs() {
    let store = Store::new();
    for (id, name) in [(FIRST, "first"), (SECOND, "second")] {
        let run = store.init(name).start().unwrap();
        run.define("internal/clock", Definition::new().hidden());
        run.log_at(0, metrics! { "loss" => 0.5, "internal/clock" => 7 });
        run.log_at(1, metrics! { "loss" => 0.4, "internal/clock" => 8 });
        finish_as_if(&run, id, 2);
    }
    for args in [&["ls"][..], &["show", "first"], &["compare", "first", "second"]] {
        let page = store.prints(args);
        assert!(page.contains("loss") && !page.contains("clock"), "{page}");
    }
    let named = ["compare", "first", "second", "--metric", "internal/clock"];
    assert!(store.prints(&named).contains("internal/clock"));
    assert!(store.prints(&["export", "first", "--to", "csv"]).contains("internal/clock"));
    let shown = store.json(&["show", "first", "--json"]);
    assert_eq!(shown["run"]["summary"]["internal/clock"]["count"], 2);
}

#[test]
fn a_failed_run_says_why() {
    let store = Store::new();
    let run = store.init("bad").start().unwrap();
    run.finish_as(Outcome::Failed("out of memory\nat layer 3".into())).unwrap();
    let page = store.prints(&["show", "bad"]);
    assert!(page.contains("failed: out of memory\n            at layer 3\n"), "{page}");
    let shown = store.json(&["show", "bad", "--json"]);
    assert_eq!(shown["run"]["state"], "failed");
    assert_eq!(shown["run"]["message"], "out of memory\nat layer 3");
}

#[test]
fn curves_of_extreme_values_are_drawn() {
    let store = Store::new();
    let run = store.init("extreme").start().unwrap();
    run.log_at(0, metrics! { "wide" => f64::MAX, "flat" => 0.0, "none" => f64::NAN });
    run.log_at(u64::MAX, metrics! { "wide" => f64::MIN, "flat" => 0.0, "none" => f64::NAN });
    finish_as_if(&run, FIRST, 2);
    assert_text!(store.prints(&["show", "extreme"]));
}

#[test]
fn nothing_in_a_run_reaches_the_terminal_as_a_control_sequence() {
    let store = Store::new();
    let evil = "\x1b[2J\x1b]0;title\x07red\u{9b}31m\r\u{202e}";
    let builder = store.init("evil").tags([evil]).notes(evil).group(evil);
    let run = builder.config(&json!({evil: evil, "list": [evil]})).start().unwrap();
    run.define("loss", Definition::new().unit(evil));
    run.log_at(0, metrics! { "loss" => 1.0, "\x1b[31mloss" => 1.0 });
    run.log_at(1, metrics! { "loss" => 2.0, "\x1b[31mloss" => 2.0 });
    run.record(Event::Message { level: Level::Error, text: evil.into() });
    run.record(Event::Problem(Problem::new(evil, evil, evil)));
    run.record(Event::Artifact(Artifact::new(evil, evil).alias(evil)));
    run.log_histogram(evil, 0_u64, Histogram::new(0.0, 1.0, vec![1]));
    run.describe(evil, json!({evil: evil}));
    let folder = finish_as_if(&run, FIRST, 2);
    edit(&folder, |file| {
        file["name"] = json!(evil);
        file["message"] = json!(evil);
        file["provenance"]["host"] = json!(evil);
        file["provenance"]["command"] = json!([evil]);
    });
    store.trained(SECOND, "tame", &json!({}), 0.0, 3);
    for args in [&["ls"][..], &["show", FIRST], &["compare", FIRST, SECOND]] {
        let output = store.tracker(args);
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}");
        let is_plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(out.chars().all(is_plain), "{out:?}");
        assert!(out.contains("red"));
    }
}

#[test]
fn styles_are_for_terminals_only() {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({}), 0.0, 3);
    assert!(!store.prints(&["show"]).contains('\x1b'));
    let styled = store.command(&["show"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(texts(&styled).0.contains("\x1b[1mMetrics\x1b[0m"));
}

#[test]
fn the_latest_run_is_shown_and_those_before_it() {
    let store = Store::new();
    store.trained(FIRST, "old", &json!({}), 0.0, 3);
    store.trained(SECOND, "new", &json!({}), 0.0, 2);
    for (reference, name) in [("@latest", "new"), ("@latest~1", "old"), ("01kx3f2a", "old")] {
        assert_eq!(store.json(&["show", reference, "--json"])["run"]["name"], name);
    }
    assert_eq!(store.json(&["show", "--json"])["run"]["name"], "new");
}

#[test]
fn json_has_all_that_is_known_of_a_run() {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({"a": {"b": 1}}), 0.0, 3);
    let shown = store.json(&["show", "baseline", "--json"]);
    assert_eq!(shown["version"], 1);
    assert_eq!(shown["run"]["config"], json!({"a": {"b": 1}}));
    assert_eq!(shown["run"]["definitions"]["valid/loss"], json!({"direction": "lower"}));
    assert_eq!(shown["run"]["provenance"]["git_commit"], "0123abcd");
    assert_eq!(shown["run"]["path"], format!("STORE/mnist/{FIRST}"));
    assert_eq!(shown["run"]["warnings"], json!([]));
}

#[test]
fn what_ended_a_run_is_told_once() {
    let store = Store::new();
    let run = store.init("asked").start().unwrap();
    run.log_at(1, metrics! { "loss" => 0.5 });
    run.finish_as(Outcome::Stopped("stopped by SIGTERM".into())).unwrap();
    let page = store.prints(&["show", "asked"]);
    assert!(page.contains("  stopped by SIGTERM\n") && !page.contains("stopped:"), "{page}");
    let watched = store.prints(&["watch", "asked"]);
    assert!(watched.ends_with("asked stopped by SIGTERM\n"), "{watched}");
}

#[test]
fn a_resumed_run_shows_what_it_trained_beside_what_passed() {
    let store = Store::new();
    let first = store.init("paused").start().unwrap();
    let minute = 60_000_000;
    let time = Timestamp(Timestamp::now().as_micros() - 5 * 60 * minute + 5 * minute / 2);
    let point = Point::new(first.metric_id("valid/loss"), 1_u64, 0.5);
    first.write(&[Point { time: Some(time), ..point }]);
    let folder = finish_as_if(&first, FIRST, 5);
    let resumed = store.init("paused").resume(FIRST).start().unwrap();
    resumed.log_at(1_000, metrics! { "valid/loss" => 0.1 });
    resumed.finish().unwrap();
    assert_eq!(resumed.path(), folder);
    let page = store.prints(&["show", FIRST]);
    assert!(page.contains(" s of training, 5 h 00 m with pauses"), "{page}");
    let listed = store.prints(&["ls"]);
    assert!(listed.contains("2 m ") && listed.contains(" s of 5 h 00 m"), "{listed}");
    let shown = store.json(&["show", FIRST, "--json"]);
    let seconds = |field: &str| shown["run"][field].as_f64().unwrap();
    assert!(seconds("trained_seconds") < seconds("seconds"), "{shown}");
}
