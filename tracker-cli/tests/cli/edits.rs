//! `tracker note` and `tracker tag`.

use serde_json::json;

use crate::support::{FIRST, Store};

fn store() -> Store {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({}), 0.0, 4);
    store
}

fn shown(store: &Store, field: &str) -> serde_json::Value {
    store.json(&["show", "baseline", "--json"])["run"][field].clone()
}

#[test]
fn notes_are_replaced_added_to_and_taken_away() {
    let store = store();
    let page = store.prints(&["note", "baseline", "needs", "more", "data"]);
    assert_eq!(page, "run baseline: needs more data\n");
    store.prints(&["note", "baseline", "--append", "and time"]);
    assert_eq!(shown(&store, "notes"), "needs more data\nand time");
    let json = store.json(&["note", "baseline", "again", "--json"]);
    assert_eq!(json, json!({"version": 1, "run": FIRST, "notes": "again"}));
    assert_eq!(store.prints(&["note", "baseline", ""]), "run baseline has no notes\n");
    assert_eq!(shown(&store, "notes"), json!(null));
    assert_eq!(store.prints(&["note", "baseline", "--append", "new"]), "run baseline: new\n");
}

#[test]
fn tags_are_added_and_taken_away() {
    let store = store();
    let page = store.prints(&["tag", "baseline", "+good", "word", "+good", "hard"]);
    assert_eq!(page, "run baseline has the tags good, word, hard\n");
    let json = store.json(&["tag", "baseline", "-hard", "-word", "++plus", "--json"]);
    assert_eq!(json, json!({"version": 1, "run": FIRST, "tags": ["good", "+plus"]}));
    assert_eq!(shown(&store, "tags"), json!(["good", "+plus"]));
    store.prints(&["tag", "baseline", "-+plus", "-good"]);
    assert_eq!(shown(&store, "tags"), json!([]));
}

#[test]
fn what_cannot_be_edited_is_refused_and_changes_nothing() {
    let store = store();
    store.prints(&["tag", "baseline", "good"]);
    let error = store.fails(&["tag", "baseline", "+new", "-bad"]);
    let wanted = "run baseline has no tag `bad`, nothing was changed\nhint: it has the tags good";
    assert_eq!(error, format!("error: {wanted}\n"));
    assert_eq!(shown(&store, "tags"), json!(["good"]));
    let error = store.fails(&["tag", "baseline", "new", "-good"]);
    assert!(error.contains("hint: words before the first +TAG or -TAG are runs"), "{error}");
    assert_eq!(shown(&store, "tags"), json!(["good"]));
    let error = store.fails(&["tag", "baseline", "+"]);
    assert!(error.contains("invalid tag ``: it is empty\nhint: "), "{error}");
    let error = store.fails(&["note", "baseline", &"x".repeat(70_000)]);
    assert!(error.contains("65536 are allowed\nhint: "), "{error}");
    assert!(store.fails(&["note", "missing", "text"]).contains("no run matches `missing`"));
    assert!(store.fails(&["note", "baseline"]).contains("no text is given\nhint: "));
    assert!(store.fails(&["tag", "baseline"]).contains("no tag is named\nhint: "));
}

#[cfg(unix)]
#[test]
fn a_run_that_cannot_be_written_is_an_error_with_a_hint() {
    let store = store();
    let path = store.path().join("mnist").join(FIRST).join("edits.jsonl");
    std::fs::create_dir(&path).unwrap();
    let error = store.fails(&["tag", FIRST, "good"]);
    assert!(error.contains("failed to write STORE") && error.contains("\nhint: "), "{error}");
}
