//! `tracker sql`, without DuckDB: `tests/readers/sql_views.py` asks it.

use std::fs;

use serde_json::json;

use crate::support::{FIRST, Store, texts};

fn store() -> Store {
    let store = Store::new();
    store.trained(FIRST, "calm-otter", &json!({ "lr": 0.1 }), 1.0, 2);
    store
}

#[test]
fn the_views_are_written_into_the_store_and_how_to_use_them_is_said() {
    let store = store();
    let said = store.prints(&["sql"]);
    assert!(
        said.starts_with("wrote STORE/views.sql\n")
            && said.contains("duckdb -init STORE/views.sql"),
        "{said}"
    );
    let views = fs::read_to_string(store.path().join("views.sql")).unwrap();
    assert_eq!(views.matches("CREATE OR REPLACE VIEW").count(), 7);
    assert_eq!(store.prints(&["sql", "--print"]).matches("CREATE OR REPLACE VIEW").count(), 7);
    let listed = store.json(&["ls", "--json"]);
    assert_eq!(listed["runs"].as_array().unwrap().len(), 1, "what the views need is no run");
}

#[test]
fn without_duckdb_a_query_says_how_to_get_it() {
    let store = store();
    let output = store.command(&["sql", "SELECT 1"]).env("PATH", "").output().unwrap();
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), out.as_str()), (Some(1), ""));
    assert!(
        err.contains("found no program `duckdb`") && err.contains("pip install duckdb-cli"),
        "{err}"
    );
}

#[test]
fn points_that_are_not_sealed_are_copied_only_when_they_are_asked_for() {
    let store = store();
    let run = store.init("alive").start().unwrap();
    run.log_at(3_u64, tracker_core::metrics! { "loss" => 0.5 });
    let output = store.tracker(&["sql", "--live"]);
    let (_, err) = texts(&output);
    assert!(err.contains("1 point of 1 run that are not sealed yet"), "{err}");
    let copy = store.path().join(format!(".sql/live/{}.parquet", run.id()));
    assert!(copy.is_file());
    store.prints(&["sql"]);
    assert!(!copy.exists());
    run.finish().unwrap();
}

#[test]
fn a_diagnosis_tells_a_loss_that_is_no_number_with_its_step() {
    let store = Store::new();
    let run = store.init("sick").start().unwrap();
    for step in 0..9_u64 {
        run.log_at(
            step,
            tracker_core::metrics! { "loss" => if step < 5 { 1.0 } else { f64::NAN } },
        );
    }
    run.finish().unwrap();
    let said = store.prints(&["show", "sick", "--diagnose"]);
    assert!(
        said.starts_with("error: not_finite  loss is NaN at step 5, and 4 of its 9 points are"),
        "{said}"
    );
    let found = store.json(&["show", "sick", "--diagnose", "--json"]);
    let first = &found["findings"][0];
    assert_eq!((&first["kind"], &first["steps"]), (&json!("not_finite"), &json!([5])));
    assert_eq!(first["values"], json!(["NaN"]));
}
