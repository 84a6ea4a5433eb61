//! What a training says of itself is read as it was said.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tracker_core::{Event, RunBuilder, Tracker, init, read::RunReader};

#[derive(Serialize)]
struct Bounds {
    greatest: f64,
    least: f32,
    unknown: f64,
    seed: u128,
    offset: i128,
    step: u64,
}

const BOUNDS: Bounds = Bounds {
    greatest: f64::INFINITY,
    least: f32::NEG_INFINITY,
    unknown: f64::NAN,
    seed: u128::MAX,
    offset: -1 << 70,
    step: u64::MAX,
};

fn bounds() -> Value {
    json!({
        "greatest": "Infinity",
        "least": "-Infinity",
        "unknown": "NaN",
        "seed": "340282366920938463463374607431768211455",
        "offset": "-1180591620717411303424",
        "step": 18_446_744_073_709_551_615_u64,
    })
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!("core"), |inner, _| json!({ "k": inner }))
}

fn builder(folder: &tempfile::TempDir) -> RunBuilder {
    init("test").dir(folder.path()).signals(false).code_changes(false)
}

#[test]
fn settings_and_facts_keep_infinities_and_great_integers() {
    let folder = tempfile::tempdir().unwrap();
    let run = builder(&folder).config(&BOUNDS).start().unwrap();
    run.describe("bounds", &BOUNDS);
    run.finish().unwrap();
    let read = RunReader::open(run.path()).unwrap();
    assert_eq!(Value::Object(read.info().config.clone()), bounds());
    assert_eq!(Value::Object(read.info().about["bounds"].clone()), bounds());
    assert!(read.damage().is_none() && read.info().problems.is_empty());
}

#[test]
fn the_deepest_settings_and_facts_that_are_taken_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = builder(&folder).config(&nested(100)).start().unwrap();
    run.describe("depths", nested(100));
    let report = run.finish().unwrap();
    assert!(report.problems().is_empty(), "{report}");
    let read = RunReader::open(run.path()).unwrap();
    assert_eq!(Value::Object(read.info().config.clone()), nested(100));
    assert_eq!(Value::Object(read.info().about["depths"].clone()), nested(100));
}

#[test]
fn settings_nested_too_deeply_are_an_error_at_start_that_names_the_key() {
    for levels in [101, 126, 127, 10_000] {
        let folder = tempfile::tempdir().unwrap();
        let config = BTreeMap::from([("model", Nested(levels))]);
        let error = builder(&folder).config(&config).start().unwrap_err().to_string();
        assert!(error.contains("more than 100 levels of nesting at `model.k.k.k"), "{error}");
        assert!(error.contains("hint: keep that part as text"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

/// Maps within each other that no `Value` could hold without filling the stack when it is dropped.
struct Nested(usize);

impl Serialize for Nested {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0 => serializer.serialize_str("core"),
            levels => serializer.collect_map([("k", Nested(levels - 1))]),
        }
    }
}

#[test]
fn facts_nested_too_deeply_are_counted_and_leave_the_run_readable() {
    let folder = tempfile::tempdir().unwrap();
    let run = builder(&folder).config(&json!({ "lr": 0.1 })).start().unwrap();
    run.describe("depths", nested(126));
    let facts: Map<String, Value> = nested(126).as_object().unwrap().clone();
    run.record(Event::About { topic: "depths".into(), facts });
    let report = run.finish().unwrap();
    let problem = &report.problems()[0];
    assert_eq!((problem.kind.as_str(), problem.count), ("facts-not-kept", 2));
    assert!(problem.message.contains("`depths`") && problem.message.contains("`k.k.k"));
    let read = RunReader::open(run.path()).unwrap();
    assert_eq!(read.info().config["lr"], 0.1);
    assert!(read.damage().is_none() && read.info().about.is_empty());
}
