//! The last steps of a training, as commands and the server tell them.

use std::sync::Arc;

use serde_json::json;
use tracker_core::{
    Event, Step, Tracker,
    flight::{FlightRecord, FlightStep, FlightValues},
};

use super::{
    server::Server,
    support::{FIRST, Store, assert_text, finish_as_if},
};

/// Sixty steps of two tensors; at step 150 the gradient of the second jumps, and both are NaN in the next one.
fn record() -> FlightRecord {
    let step = |index: u64| {
        let gradient = |tensor: f32| match (index, tensor) {
            (51.., _) => f32::NAN,
            (50, 2.0) => 400.0,
            _ => tensor * (1.0 + 0.1 * (index as f32).sin()),
        };
        let values = |tensor| FlightValues {
            weight: Some(1.0),
            gradient: Some(gradient(tensor)),
            change: Some(0.01),
        };
        FlightStep {
            step: Step(100 + index),
            epoch: Some(2),
            batch: Some(index + 1),
            samples: [10 * index, 10 * index + 1].into(),
            rate: Some(1e-3),
            values: vec![values(1.0), values(2.0)],
        }
    };
    let tensors = vec!["first.weight".into(), "second.weight".into()];
    FlightRecord { tensors, steps: (0..60).map(step).collect() }
}

fn store_with_a_record() -> Store {
    let store = Store::new();
    let run = store.init("diverged").system_metrics(false).start().unwrap();
    run.log_at(100_u64, [("train/loss", 0.3)]);
    run.record(Event::Flight(Arc::new(record())));
    finish_as_if(&run, FIRST, 2);
    store
}

#[test]
fn the_last_steps_are_shown_layer_by_layer() {
    let store = store_with_a_record();
    let shown = store.prints(&["show", "diverged", "--flight"]);
    let (_, shown) = shown.split_once('\n').unwrap();
    assert_text!(shown);
}

#[test]
fn the_last_steps_are_told_as_json_with_what_left_first() {
    let store = store_with_a_record();
    let told = store.json(&["show", "diverged", "--flight", "--json"]);
    let flight = &told["flights"][0];
    assert_eq!(flight["step"], 159);
    assert_eq!(flight["tensors"], json!(["first.weight", "second.weight"]));
    let first = &flight["findings"][0];
    assert_eq!(first["tensor"], "second.weight");
    assert_eq!(first["quantity"], "gradient");
    assert_eq!((&first["departure"], &first["step"]), (&json!("jumped"), &json!(150)));
    assert_eq!(flight["steps"][50]["samples"], json!(["500", "501"]));
    assert_eq!(flight["steps"][50]["gradient"], json!([]), "the tables have the values");
    let verdict = flight["verdict"].as_str().unwrap();
    assert!(verdict.contains("`second.weight` left what was usual first"), "{verdict}");
    assert!(verdict.contains("at step 150 (batch 51 of epoch 2: samples 500, 501;"), "{verdict}");
}

#[test]
fn a_run_without_a_record_says_how_one_comes_to_be() {
    let store = store_with_a_record();
    store.trained("01KX3F2B000000000000000BBB", "calm", &json!({}), 0.0, 2);
    let shown = store.prints(&["show", "calm", "--flight"]);
    assert!(shown.contains("has stored none") && shown.contains("tracker flight"), "{shown}");
    let said = store.fails(&["flight", "diverged"]);
    assert!(said.contains("is finished") && said.contains("hint: "), "{said}");
}

#[test]
fn the_server_gives_the_values_of_one_record() {
    let store = store_with_a_record();
    let server = Server::of(&store);
    let address = format!("/api/v1/runs/{FIRST}/flights");
    let all = server.json(&address);
    assert_eq!(all["flights"][0]["steps"][0]["gradient"], json!([]));
    let one = server.json(&format!("{address}?step=159"));
    assert_eq!(one["flights"][0]["steps"][50]["gradient"], json!([0.9738, 400.0]));
    assert_eq!(one["flights"][0]["steps"][51]["gradient"], json!(["NaN", "NaN"]));
    assert_eq!(server.json(&format!("{address}?step=7"))["flights"], json!([]));
}
