//! `tracker rm`, `mv`, `tag` and `note` of many runs, and `undo`.

use std::fs;

use serde_json::{Value, json};

use crate::{
    server::Server,
    support::{FIRST, SECOND, Store, THIRD},
};

fn store() -> Store {
    let store = Store::new();
    store.trained(FIRST, "baseline", &json!({ "lr": 0.1 }), 0.0, 4);
    store.trained(SECOND, "wide", &json!({ "lr": 0.01 }), 0.0, 3);
    store.trained(THIRD, "deep", &json!({ "lr": 0.001 }), 0.0, 2);
    store
}

fn names(store: &Store, args: &[&str]) -> Vec<String> {
    let listed = store.json(&[&["ls", "--json"], args].concat());
    let runs = listed["runs"].as_array().unwrap();
    runs.iter().map(|run| run["name"].as_str().unwrap().to_owned()).collect()
}

fn tags(store: &Store, run: &str) -> Value {
    store.json(&["show", run, "--json"])["run"]["tags"].clone()
}

#[test]
fn deleted_runs_are_in_the_trash_until_undo_or_gc() {
    let store = store();
    let page = store.prints(&["rm", "wide", "deep", "--yes"]);
    assert!(page.starts_with("deleted 2 runs of ") && page.contains("`tracker undo`"), "{page}");
    assert_eq!(names(&store, &[]), ["baseline"]);
    assert_eq!(store.prints(&["doctor"]), "all is well with 1 run\n");
    assert!(store.fails(&["show", "wide"]).contains("no run matches"));
    assert_eq!(store.prints(&["gc"]), "there is nothing to remove\n");
    assert_eq!(store.prints(&["undo"]), "took back: deleted 2 runs; 2 runs are back\n");
    assert_eq!(names(&store, &[]), ["deep", "wide", "baseline"]);
    assert!(store.fails(&["undo"]).contains("there is nothing to take back\nhint: "));
    let removed = store.json(&["rm", "wide", "--yes", "--json"]);
    assert_eq!(removed["removed"][0]["id"], SECOND);
    let listed = store.json(&["undo", "--list", "--json"]);
    assert_eq!(listed["changes"][0]["id"], removed["change"]);
    assert_eq!(listed["changes"][0]["text"], "deleted run wide");
    let page = store.prints(&["gc", "--older-than", "0"]);
    assert!(page.contains("removed 1 item of "), "{page}");
    assert!(store.fails(&["undo"]).contains("nothing to take back"));
}

#[test]
fn an_older_change_is_taken_back_by_its_name() {
    let store = store();
    store.prints(&["tag", "wide", "good"]);
    store.prints(&["rm", "deep", "--yes"]);
    let listed = store.json(&["undo", "--list", "--json"]);
    let id = listed["changes"][1]["id"].as_str().unwrap().to_owned();
    let page = store.prints(&["undo", "--list"]);
    assert!(page.contains("changed the tags of run wide") && page.contains(&id[20..]), "{page}");
    let page = store.prints(&["undo", &id[20..].to_lowercase()]);
    assert_eq!(page, "took back: changed the tags of run wide; 1 run is as before\n");
    assert_eq!(tags(&store, "wide"), json!([]));
    assert_eq!(names(&store, &[]), ["wide", "baseline"], "the other change stays");
    assert!(store.fails(&["undo", "nonsense"]).contains("hint: `tracker undo --list`"));
}

#[test]
fn runs_are_moved_and_a_project_is_renamed() {
    let store = store();
    let page = store.prints(&["mv", "wide", "deep", "archive"]);
    assert_eq!(page, "moved 2 runs to archive; `tracker undo` takes it back\n");
    assert_eq!(names(&store, &["archive"]), ["deep", "wide"]);
    let page = store.prints(&["mv", "wide", "archive"]);
    assert_eq!(page, "nothing was to be moved: all is in archive already\n");
    let moved = store.json(&["mv", "--where", "lr > 0.05", "archive", "--json"]);
    assert_eq!((&moved["project"], &moved["runs"]), (&json!("archive"), &json!([FIRST])));
    store.prints(&["undo"]);
    assert_eq!(names(&store, &["mnist"]), ["baseline"]);
    store.prints(&["note", "--project", "archive", "# What is kept"]);
    let page = store.prints(&["mv", "--project", "archive", "attic"]);
    assert_eq!(page, "renamed archive to attic, with 2 runs; `tracker undo` takes it back\n");
    assert_eq!(names(&store, &["attic"]), ["deep", "wide"]);
    assert_eq!(store.prints(&["note", "--project", "attic"]), "# What is kept\n");
    assert_eq!(store.prints(&["show", "attic/wide", "--json"]).matches("\"attic\"").count(), 1);
    store.prints(&["undo"]);
    assert_eq!(names(&store, &["archive"]), ["deep", "wide"]);
}

#[test]
fn what_cannot_be_moved_is_refused_with_a_way_out() {
    let store = store();
    let live = store.init("alive").start().unwrap();
    let error = store.fails(&["mv", "wide", "alive", "archive"]);
    assert!(
        error.contains("run alive still trains and was not moved, nor was any other"),
        "{error}"
    );
    let error = store.fails(&["mv", "--project", "mnist", "digits"]);
    assert!(error.contains("still logs to it\nhint: stop that process"), "{error}");
    live.finish().unwrap();
    store.prints(&["mv", "wide", "archive"]);
    let error = store.fails(&["mv", "--project", "mnist", "archive"]);
    assert!(error.contains("is there already\nhint: `tracker mv` moves runs into it"), "{error}");
    for args in [
        &["mv", "archive"][..],
        &["mv", "deep", ".trash"],
        &["mv", "deep", "a/b"],
        &["mv", "none", "archive"],
        &["mv", "--where", "lr > 5", "archive"],
        &["mv", "--project", "none", "new"],
        &["mv", "--project", "mnist", "new", "newer"],
    ] {
        assert!(store.fails(args).contains("\nhint: "), "{args:?}");
    }
    assert_eq!(names(&store, &["mnist"]), ["alive", "deep", "baseline"]);
}

#[test]
fn a_query_narrows_the_runs_that_are_named() {
    let store = store();
    let page = store.prints(&["tag", "wide", "baseline", "+good", "--where", "lr < 0.05"]);
    assert_eq!(page, "tagged 1 run: +good; `tracker undo` takes it back\n");
    assert_eq!([tags(&store, "wide"), tags(&store, "baseline")], [json!(["good"]), json!([])]);
}

#[test]
fn tags_and_notes_of_a_query_are_taken_back_together() {
    let store = store();
    let page = store.prints(&["tag", "--where", "lr < 0.05", "small", "cheap"]);
    assert_eq!(page, "tagged 2 runs: small cheap; `tracker undo` takes it back\n");
    assert_eq!(
        [tags(&store, "wide"), tags(&store, "baseline")],
        [json!(["small", "cheap"]), json!([])]
    );
    store.prints(&["tag", "wide", "baseline", "-small"]);
    assert_eq!(tags(&store, "wide"), json!(["cheap"]));
    let error = store.fails(&["tag", "wide", "deep", "-never"]);
    assert!(error.contains("none of 2 runs has the tag `never`, nothing was changed"), "{error}");
    let noted = store.json(&["note", "--where", "lr < 0.05", "too", "slow", "--json"]);
    assert_eq!(noted["runs"].as_array().unwrap().len(), 2);
    let notes = |run: &str| store.json(&["show", run, "--json"])["run"]["notes"].clone();
    assert_eq!([notes("deep"), notes("baseline")], [json!("too slow"), json!(null)]);
    for _ in 0..3 {
        store.prints(&["undo"]);
    }
    assert_eq!([notes("deep"), tags(&store, "wide")], [json!(null), json!([])]);
}

#[test]
fn the_notes_of_a_project_are_a_file_that_git_sees() {
    let store = store();
    assert_eq!(store.prints(&["note", "--project", "mnist"]), "project mnist has no notes\n");
    store.prints(&["note", "--project", "mnist", "# Digits"]);
    store.prints(&["note", "--project", "mnist", "--append", "* of handwriting"]);
    let file = store.path().join(".views/mnist/README.md");
    assert_eq!(fs::read_to_string(file).unwrap(), "# Digits\n* of handwriting\n");
    let ignored = fs::read_to_string(store.path().join(".gitignore")).unwrap();
    assert!(ignored.contains("!.views/"), "{ignored}");
    assert!(store.fails(&["note", "--project", "none", "x"]).contains("no project `none`\nhint: "));
    assert_eq!(names(&store, &[]).len(), 3, "it is no project");
}

fn many(server: &Server, runs: &[&str], action: &Value) -> Value {
    let answer = server.post("/api/v1/many", &json!({ "runs": runs, "action": action }));
    assert_eq!(answer.status, 200, "{action}");
    answer.json()
}

#[test]
fn the_page_changes_many_runs_in_one_request_and_takes_it_back() {
    let store = store();
    let live = store.init("alive").start().unwrap();
    let server = Server::of(&store);
    let all = [FIRST, SECOND, SECOND, live.id().as_str(), "01KX3F9B111111111111111ZZZ"];
    let told = many(&server, &all, &json!({ "delete": {} }));
    assert_eq!((&told["done"], &told["not_done"]), (&json!(2), &json!(2)));
    let reasons: Vec<&str> = told["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["error"].as_str().unwrap())
        .collect();
    assert!(reasons[0].contains("not in the store any more"), "{reasons:?}");
    assert!(reasons[1].contains("still logs to it"), "{reasons:?}");
    assert_eq!(names(&store, &[]), ["alive", "deep"]);
    let changes = server.json("/api/v1/changes");
    assert_eq!(changes["changes"][0]["id"], told["change"]["id"]);
    let undone = server.post("/api/v1/undo", &json!({ "change": told["change"]["id"] })).json();
    assert_eq!((&undone["done"], &undone["not_done"]), (&json!(2), &json!(0)));
    let again = server.post("/api/v1/undo", &json!({ "change": told["change"]["id"] }));
    assert_eq!(again.status, 404);
    assert!(again.json()["hint"].as_str().unwrap().contains("already"));

    let edit = json!({ "edit": { "add_tags": ["a", "b"], "group": "g" } });
    many(&server, &[FIRST, SECOND], &edit);
    many(&server, &[FIRST], &json!({ "edit": { "remove_tags": ["a"], "notes": "n" } }));
    let run = server.json(&format!("/api/v1/runs/{FIRST}"));
    assert_eq!(
        (&run["tags"], &run["group"], &run["notes"]),
        (&json!(["b"]), &json!("g"), &json!("n"))
    );
    many(&server, &[FIRST], &json!({ "move": { "project": "archive" } }));
    assert_eq!(server.json("/api/v1/runs?project=archive")["runs"][0]["id"], FIRST);
    let renamed = server.post("/api/v1/projects/archive/rename", &json!({ "to": "attic" }));
    assert_eq!((renamed.status, &renamed.json()["done"]), (200, &json!(1)));
    let refused = server.post("/api/v1/projects/attic/rename", &json!({ "to": "mnist" }));
    assert_eq!(refused.status, 409);
    for asked in [
        json!({ "runs": [FIRST], "action": { "move": { "project": "../x" } } }),
        json!({ "runs": [FIRST], "action": { "edit": { "add_tags": [""] } } }),
        json!({ "runs": [FIRST], "action": { "burn": {} } }),
        json!({ "runs": "all", "action": { "delete": {} } }),
    ] {
        assert_eq!(server.post("/api/v1/many", &asked).status, 400, "{asked}");
    }
    live.finish().unwrap();
}

#[test]
fn a_page_of_a_project_hears_that_a_run_was_moved_away() {
    let store = store();
    let server = Server::of(&store);
    let mut old = server.follow("/api/v1/live?project=mnist");
    let mut new = server.follow("/api/v1/live?project=archive");
    many(&server, &[FIRST], &json!({ "move": { "project": "archive" } }));
    old.hear_of("removed", FIRST);
    new.hear_of("added", FIRST);
}

#[test]
fn notes_of_a_project_that_somebody_else_wrote_are_not_written_over() {
    let store = store();
    let server = Server::of(&store);
    let path = "/api/v1/projects/mnist/notes";
    assert_eq!(server.json(path)["notes"], "");
    let write = |before: &str, notes: &str| {
        server.post(path, &json!({ "before": before, "notes": notes })).status
    };
    assert_eq!(write("", "mine"), 200);
    assert_eq!(write("", "of another window"), 409);
    assert_eq!(server.json(path)["notes"], "mine");
    assert_eq!(server.get("/api/v1/projects/%2e%2e/notes").status, 400);
}

#[test]
fn notes_of_a_project_that_is_not_there_are_not_written() {
    let store = store();
    let server = Server::of(&store);
    for name in ["none", "archive", "%2e%2e", ".trash"] {
        let path = format!("/api/v1/projects/{name}/notes");
        assert_eq!(
            server.post(&path, &json!({ "before": "", "notes": "x" })).status,
            404,
            "{name}"
        );
    }
    assert!(!store.path().join(".views").exists());
}

#[test]
fn a_change_that_another_version_wrote_is_passed_over_with_a_word() {
    let store = store();
    store.prints(&["tag", "wide", "good"]);
    let changed = store.json(&["note", "--where", "lr < 0.05", "words", "--json"]);
    let id = changed["change"].as_str().unwrap();
    let file = store.path().join(".trash").join(id).join("change.json");
    fs::write(&file, r#"{"version":2,"kind":"dreamt"}"#).unwrap();
    let error = store.fails(&["undo"]);
    assert!(
        error.contains("the last change cannot be read, and nothing was taken back"),
        "{error}"
    );
    assert!(error.contains("has format version 2, this program knows 1\nhint: "), "{error}");
    let listed = store.json(&["undo", "--list", "--json"]);
    let known = listed["changes"].as_array().unwrap();
    assert_eq!((known.len(), &known[0]["text"]), (1, &json!("changed the tags of run wide")));
    store.prints(&["undo", known[0]["id"].as_str().unwrap()]);
    assert_eq!(tags(&store, "wide"), json!([]));
    assert_eq!(store.prints(&["gc", "--older-than", "0"]).matches("tracker undo").count(), 1);
    assert!(store.fails(&["undo"]).contains("nothing to take back"));
}

#[test]
fn the_parent_of_a_fork_is_kept_unless_the_fork_goes_too() {
    let store = store();
    let server = Server::of(&store);
    let folder = store.path().join("mnist").join(SECOND);
    crate::support::edit(&folder, |file| {
        file["parent"] = json!({
            "run": FIRST, "name": "baseline", "project": "mnist", "step": 1, "writers": [], "resumes": [],
        });
    });
    let told = many(&server, &[FIRST, THIRD], &json!({ "delete": {} }));
    assert_eq!((&told["done"], &told["not_done"]), (&json!(1), &json!(1)));
    assert!(told["refused"][0]["error"].as_str().unwrap().contains("its fork wide"), "{told}");
    let told = many(&server, &[FIRST, SECOND], &json!({ "delete": {} }));
    assert_eq!((&told["done"], &told["not_done"]), (&json!(2), &json!(0)));
}
