//! What a run keeps that is no scalar: texts, histograms, artifacts, facts, conclusions.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;
use tracker_core::{
    Artifact, Definition, Event, Histogram, Level, Outcome, Run, Step, Tracker, init, metrics,
    read::{ArtifactVersion, RunReader, StoredEventKind},
};

fn store() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn start(store: &tempfile::TempDir) -> Run {
    init("recorded").dir(store.path()).signals(false).start().unwrap()
}

fn resume(store: &tempfile::TempDir, run: &Run) -> Run {
    let builder = init("recorded").dir(store.path()).signals(false);
    builder.resume(run.id().as_str()).start().unwrap()
}

fn text(run: &Run, step: u64, text: &str) {
    run.record(Event::Text { name: "sample".into(), step: Step(step), text: text.into() });
}

fn message(run: &Run, text: &str) {
    run.record(Event::Message { level: Level::Info, text: text.into() });
}

fn checkpoint(epoch: u64) -> Artifact {
    Artifact::new("model", format!("epoch-{epoch}")).epoch(epoch).step(epoch * 100).alias("latest")
}

/// The texts and messages of a run in the order in which a reader gives them.
fn words(run: &RunReader) -> Vec<String> {
    let events = run.events().unwrap();
    let word = |kind| match kind {
        StoredEventKind::Text { text, .. } | StoredEventKind::Message { text, .. } => Some(text),
        _ => None,
    };
    events.into_iter().filter_map(|event| word(event.kind)).collect()
}

fn versions(run: &RunReader) -> Vec<(String, Vec<String>, bool)> {
    let told =
        |known: ArtifactVersion| (known.artifact.version, known.artifact.aliases, known.deleted);
    run.artifacts().unwrap().into_iter().map(told).collect()
}

/// What a run's `run.json` says, once it says something of this kind.
fn run_json(run: &Path, key: &str) -> serde_json::Value {
    let patience = Instant::now();
    loop {
        let text = fs::read(run.join("run.json")).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&text).unwrap();
        if !file[key].is_null() {
            return file;
        }
        assert!(patience.elapsed() < Duration::from_secs(30), "{key} is not in run.json");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn artifacts_are_read_with_the_aliases_that_they_have_now() {
    let store = store();
    let run = start(&store);
    let file = run.dir().join("epoch-1");
    fs::write(&file, "weights").unwrap();
    let first = Artifact::of_file("model", "epoch-1", &file).unwrap();
    run.log_artifact(first.kind("model").metrics([("loss", f64::INFINITY)]).alias("latest"));
    run.log_artifact(checkpoint(2));
    run.log_artifact(checkpoint(3).alias("best"));
    run.record(Event::ArtifactDeleted { name: "model".into(), version: "epoch-3".into() });
    run.flush(Duration::from_secs(10)).unwrap();
    let reader = run.reader().unwrap();
    let index = [
        ("epoch-1".to_owned(), vec![], false),
        ("epoch-2".to_owned(), vec!["latest".to_owned()], false),
        ("epoch-3".to_owned(), vec![], true),
    ];
    assert_eq!(versions(&reader), index, "while the run lives");
    run.finish().unwrap();
    assert_eq!(versions(&reader), index, "after its end");
    let stored = reader.artifacts().unwrap().swap_remove(0).artifact;
    assert_eq!(stored.path.as_deref(), Some(Path::new("files/epoch-1")));
    assert_eq!((stored.bytes, stored.metrics["loss"]), (Some(7), f64::INFINITY));
    assert_eq!(fs::read(reader.path().join(stored.path.unwrap())).unwrap(), b"weights");
}

#[test]
fn histograms_are_read_in_the_order_of_steps() {
    let store = store();
    let run = start(&store);
    let histogram = |count| Histogram::new(-0.5, 0.5, vec![count, 2]).not_finite(1);
    run.log_histogram("weights", 20_u64, histogram(20));
    run.log_histogram("weights", 10_u64, histogram(10));
    run.log_histogram("biases", 10_u64, histogram(0));
    run.finish().unwrap();
    let reader = run.reader().unwrap();
    assert_eq!(reader.histogram_names().unwrap(), ["biases", "weights"]);
    let rows = reader.histograms("weights").unwrap();
    let read: Vec<(u64, &Histogram)> =
        rows.iter().map(|row| (row.step.0, &row.histogram)).collect();
    assert_eq!(read, [(10, &histogram(10)), (20, &histogram(20))]);
    assert_eq!(reader.histograms("unknown").unwrap(), []);
}

#[test]
fn a_resumed_training_takes_back_what_was_recorded_beyond_its_checkpoint() {
    let store = store();
    let first = start(&store);
    for epoch in 1..=3 {
        first.log_artifact(checkpoint(epoch));
        first.log_histogram("weights", epoch * 100, Histogram::new(0.0, 1.0, vec![epoch]));
        text(&first, epoch * 100, &format!("first at {epoch}"));
    }
    message(&first, "said");
    first.finish().unwrap();
    let second = resume(&store, &first);
    let reader = second.reader().unwrap();
    second.resume_after(200_u64).unwrap();
    second.log_artifact(checkpoint(3));
    text(&second, 300, "second at 3");
    second.finish().unwrap();
    assert_eq!(words(&reader), ["first at 1", "first at 2", "said", "second at 3"]);
    assert_eq!(reader.histograms("weights").unwrap().len(), 2);
    let latest = vec!["latest".to_owned()];
    let index =
        [("epoch-1", vec![], false), ("epoch-2", vec![], false), ("epoch-3", latest, false)];
    let index = index.map(|(version, aliases, gone)| (version.to_owned(), aliases, gone));
    assert_eq!(versions(&reader), index);
}

#[test]
fn events_of_several_writers_are_in_the_order_of_time() {
    let store = store();
    let first = start(&store);
    first.finish().unwrap();
    let second = resume(&store, &first);
    second.finish().unwrap();
    let line = |second: u8, text: &str| {
        format!(
            "{{\"time\":\"2026-01-01T00:00:0{second}.000000Z\",\"kind\":\"message\",\
             \"level\":\"info\",\"text\":\"{text}\"}}\n"
        )
    };
    let torn = line(7, "torn");
    fs::write(
        first.path().join("events-r0a1.jsonl"),
        [line(1, "a"), line(3, "c"), line(3, "d"), torn[..30].to_owned()].concat(),
    )
    .unwrap();
    fs::write(first.path().join("events-r0a2.jsonl"), [line(2, "b"), line(4, "e")].concat())
        .unwrap();
    assert_eq!(words(&first.reader().unwrap()), ["a", "b", "c", "d", "e"]);
}

#[test]
fn facts_are_kept_while_the_run_lives_and_add_up_over_attempts() {
    let store = store();
    let run = start(&store);
    run.describe("model", json!({ "parameters": 7, "layers": 2 }));
    run.describe("model", json!({ "layers": 3 }));
    run.describe("model", 5);
    let file = run_json(run.path(), "about");
    assert_eq!(file["about"]["model"]["parameters"], 7);
    let problems = run.status().problems;
    assert_eq!(problems[0].kind, "facts-not-kept", "{problems:?}");
    run.finish().unwrap();
    let again = resume(&store, &run);
    again.describe("data", json!({ "images": 60_000 }));
    again.finish().unwrap();
    let about = again.reader().unwrap().info().about.clone();
    let expected =
        json!({ "data": { "images": 60_000 }, "model": { "parameters": 7, "layers": 3 } });
    assert_eq!(json!(about), expected);
}

#[test]
fn a_conclusion_stands_beside_the_state_of_a_run_that_ends_by_itself() {
    let store = store();
    let conclusion = || Event::Conclusion { text: "stopped early after epoch 7".into() };
    let run = start(&store);
    run.record(conclusion());
    assert_eq!(run_json(run.path(), "conclusion")["state"], "running");
    let report = run.finish().unwrap();
    assert!(report.to_string().contains("finished (stopped early after epoch 7)"), "{report}");
    let info = run.reader().unwrap().info().clone();
    assert_eq!(info.message.as_deref(), Some("stopped early after epoch 7"));
    let failed = start(&store);
    failed.record(conclusion());
    failed.finish_as(Outcome::Failed("out of memory".into())).unwrap();
    let info = failed.reader().unwrap().info().clone();
    assert_eq!(info.message.as_deref(), Some("out of memory"));
}

#[test]
fn the_report_leaves_out_what_is_hidden() {
    let store = store();
    let run = start(&store);
    run.define("internal/clock", Definition::new().hidden());
    run.log_at(0, metrics! { "loss" => 0.5, "internal/clock" => 7 });
    let report = run.finish().unwrap();
    assert!(report.summary("internal/clock").is_some(), "programs have it");
    let page = report.to_string();
    assert!(page.contains("loss") && !page.contains("internal"), "{page}");
}

#[test]
fn metrics_stand_in_the_order_in_which_they_were_first_logged() {
    let store = store();
    let run = start(&store);
    let names = ["stem/norm", "blocks.10/norm", "blocks.2/norm", "head/norm"];
    for step in 0_u64..3 {
        for name in names {
            run.metric(name).log(step, 1.0);
        }
    }
    run.metric("afterwards").log(0_u64, 1.0);
    run.flush(Duration::from_secs(30)).unwrap();
    let order = || {
        let mut names = run.reader().unwrap().snapshot().unwrap().metrics_as_logged();
        names.retain(|name| !name.starts_with("system/"));
        names
    };
    let wanted = [&names[..], &["afterwards"]].concat();
    assert_eq!(order(), wanted, "of logs and rings");
    run.finish().unwrap();
    assert_eq!(order(), wanted, "of parts, which are sorted by name");
}

#[test]
fn a_loop_tells_how_many_epochs_there_are_to_be_until_another_has_no_end() {
    let store = store();
    let run = start(&store);
    let hooks = tracker_core::Loop::new(&run);
    let planned = || {
        run.flush(Duration::from_secs(30)).unwrap();
        run.reader().unwrap().info().about.get("training").cloned().map(serde_json::Value::from)
    };
    for _ in hooks.epochs(3..=7).take(2) {
        hooks.loss(0.5);
    }
    assert_eq!(planned(), Some(json!({ "epochs": 5, "first_epoch": 3.0 })));
    for _ in hooks.epochs((8_u64..).filter(|_| true)).take(2) {
        hooks.loss(0.5);
    }
    assert_eq!(planned(), Some(json!({ "epochs": null, "first_epoch": null })));
    drop(hooks);
    run.finish().unwrap();
}
