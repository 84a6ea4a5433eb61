//! `tracker diverge`.

use serde_json::{Value, json};
use tracker_core::metrics;

use crate::support::{FIRST, SECOND, Store, THIRD, assert_text, edit, finish_as_if};

/// A run whose loss has `shift` from step 42 on, and whose validation sees it at the next tenth step. No two runs
/// with another one take the same time.
fn train(store: &Store, id: &str, name: &str, config: &Value, shift: f64, steps: u64) {
    let run = store.init(name).config(config).start().unwrap();
    run.describe("hardware", json!({ "device": if shift == 0.0 { "Cpu" } else { "Cuda(0)" } }));
    let seconds = 0.1 + 1e14 * shift;
    for step in 0..steps {
        let shift = if step >= 42 { shift } else { 0.0 };
        let loss = 1.0 / (step as f64 + 1.0) + shift;
        run.log_at(step, metrics! {
            "train/loss" => loss, "gradients/head/norm" => 2.0 * loss, "step_seconds" => seconds,
        });
        if step % 10 == 0 {
            run.log_at(
                step,
                metrics! { "valid/loss" => if step > 40 { loss * 1.5 } else { loss } },
            );
        }
    }
    let folder = finish_as_if(&run, id, 2);
    edit(&folder, |file| {
        if shift != 0.0 {
            file["provenance"]["host"] = json!("other-box");
        }
    });
}

fn store() -> Store {
    let store = Store::new();
    train(&store, FIRST, "before", &json!({ "lr": 0.1, "seed": 1 }), 0.0, 100);
    train(&store, SECOND, "after", &json!({ "lr": 0.1, "seed": 2 }), 1e-15, 90);
    store
}

#[test]
fn the_first_difference_is_shown_beside_what_differs_else() {
    assert_text!(store().prints(&["diverge", "before", "after"]));
}

#[test]
fn a_sampled_metric_differs_between_its_samples() {
    let page = store().prints(&["diverge", "before", "after", "--metric", "valid/*"]);
    assert!(page.contains("First difference: after 40, by 50"), "{page}");
    assert!(page.contains("Nothing is more than 1e-6 apart"), "{page}");
}

#[test]
fn json_has_the_points_that_differ_with_all_digits() {
    let store = store();
    let found = store.json(&["diverge", "before", "after", "--tolerance", "1e-14", "--json"]);
    assert_eq!((&found["version"], &found["tolerance"]), (&json!(1), &json!(1e-14)));
    let (first, later) = (&found["bitwise"][0], &found["beyond"][0]);
    assert_eq!(
        (&first["metric"], &first["step"], &first["after"]),
        (&json!("train/loss"), &json!(42), &json!(41))
    );
    assert_eq!(first["values"][0], json!(1.0 / 43.0));
    assert_eq!(found["bitwise"][1]["metric"], "gradients/head/norm");
    assert_eq!(later["step"], 42, "one part in 43 of 1e-15 is more than 1e-14");
    assert_eq!(found["config"], json!({ "seed": ["1", "2"] }));
    assert_eq!(found["facts"], json!({ "hardware.device": ["Cpu", "Cuda(0)"] }));
    assert_eq!(found["origin"]["host"], json!(["box", "other-box"]));
    assert_eq!(found["runs"][1]["last_step"], 89);
}

#[test]
fn times_and_speeds_are_compared_only_if_they_are_named_or_all_are() {
    let store = store();
    let metrics = |more: &[&str]| {
        let found = store.json(&[&["diverge", "before", "after", "--json"], more].concat());
        let points = found["bitwise"].as_array().unwrap().clone();
        points.iter().map(|point| point["metric"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let without = ["train/loss", "gradients/head/norm"];
    assert_eq!(metrics(&[]), without);
    assert_eq!(metrics(&["--metric", "*"]), without);
    assert_eq!(metrics(&["--all"]), ["step_seconds"]);
    assert_eq!(metrics(&["--metric", "step_seconds"]), ["step_seconds"]);
}

#[test]
fn a_check_fails_where_a_bit_differs_or_more_than_the_tolerance() {
    let store = store();
    train(&store, THIRD, "again", &json!({ "lr": 0.1, "seed": 1 }), 0.0, 100);
    let code =
        |args: &[&str]| store.tracker(&[&["diverge"], args, &["--check"]].concat()).status.code();
    assert_eq!(code(&["before", "again"]), Some(0));
    assert_eq!(code(&["before", "after"]), Some(1));
    assert_eq!(code(&["before", "after", "--tolerance", "1e-6"]), Some(0));
    assert_eq!(code(&["before", "after", "--tolerance", "-1"]), Some(2));
    let page = store.prints(&["diverge", "before", "again"]);
    assert!(
        page.contains("No difference: 210 points are the same in both, bit by bit (`--all`"),
        "{page}"
    );
    let other = store.init("other").start().unwrap();
    other.log_at(0, metrics! { "only/here" => 1.0 });
    other.finish().unwrap();
    assert_eq!(code(&["before", "other"]), Some(1));
    let page = store.prints(&["diverge", "before", "other"]);
    assert!(page.contains("Nothing to compare") && page.contains("B  only/here"), "{page}");
}

#[test]
fn what_cannot_be_compared_is_an_error_with_a_hint() {
    let store = store();
    let error = store.fails(&["diverge", "before", FIRST]);
    assert!(
        error.contains("both of these name one run, before") && error.contains("hint: "),
        "{error}"
    );
    let error = store.fails(&["diverge", "before", "after", "--metric", "acc*"]);
    assert!(
        error.contains("no metric") || error.contains("a metric `acc*`\nhint: known are "),
        "{error}"
    );
    assert!(store.fails(&["diverge", "before", "nothing"]).contains("no run matches `nothing`"));
}
