//! The stream of what happens in a store.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use serde_json::json;
use tracker_core::{
    init, metrics,
    read::{Edit, RunReader},
};

use super::{
    server::{Server, id},
    support::{FIRST, SECOND, Store, edit},
};

const ALL: &str = "/api/v1/live";

#[test]
fn a_page_hears_of_new_runs_new_points_and_ends() {
    let store = Store::new();
    let old = store.init("old").start().unwrap();
    let server = Server::of(&store);
    let mut page = server.follow(ALL);
    old.log_at(512_u64, metrics! { "loss" => 1.0 });
    page.hear("points", |told| told["runs"][&id(&old)]["last_step"] == 512);
    let new = store.init("new").start().unwrap();
    page.hear_of("added", &id(&new));
    old.finish().unwrap();
    page.hear_of("changed", &id(&old));
    drop(new);
}

#[test]
fn a_page_hears_of_runs_that_are_removed() {
    let store = Store::new();
    store.trained(FIRST, "by command", &json!({}), 0.0, 2);
    let folder = store.trained(SECOND, "by hand", &json!({}), 0.0, 1);
    let server = Server::of(&store);
    let mut page = server.follow(ALL);
    store.prints(&["rm", FIRST, "--yes"]);
    page.hear_of("removed", FIRST);
    fs::remove_dir_all(folder).unwrap();
    page.hear_of("removed", SECOND);
    assert_eq!(server.json("/api/v1/runs")["runs"], json!([]));
}

#[test]
fn a_page_hears_that_all_runs_are_gone_with_the_store_and_back_with_it() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let away = store.path().with_extension("away");
    let server = Server::of(&store);
    let mut page = server.follow(ALL);
    fs::rename(store.path(), &away).unwrap();
    page.hear_of("removed", FIRST);
    fs::rename(&away, store.path()).unwrap();
    page.hear_of("added", FIRST);
}

#[test]
fn a_page_hears_of_names_notes_and_tags_that_are_edited_anywhere() {
    let store = Store::new();
    store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let server = Server::of(&store);
    let mut page = server.follow(ALL);
    store.prints(&["note", FIRST, "from a terminal"]);
    page.hear_of("changed", FIRST);
    store.prints(&["tag", FIRST, "+paper"]);
    page.hear_of("changed", FIRST);
    let path = format!("/api/v1/runs/{FIRST}");
    for change in [json!({ "name": "b" }), json!({ "notes": "" }), json!({ "tags": [] })] {
        assert_eq!(server.post(&format!("{path}/edit"), &change).status, 200);
        page.hear_of("changed", FIRST);
    }
    let run = server.json(&path);
    let shown = (&run["name"], &run["notes"], &run["tags"]);
    assert_eq!(shown, (&json!("b"), &json!(null), &json!([])));
}

/// A file that was written a while ago is looked at again only if it looks different.
#[test]
fn a_page_hears_of_a_run_file_that_is_rewritten_in_place_with_the_same_length() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let file = folder.join("run.json");
    for path in [&file, &folder] {
        let old = SystemTime::now() - Duration::from_hours(1);
        fs::File::open(path).unwrap().set_modified(old).unwrap();
    }
    let server = Server::of(&store);
    let mut page = server.follow(ALL);
    let length = fs::metadata(&file).unwrap().len();
    edit(&folder, |file| file["name"] = json!("b"));
    assert_eq!(fs::metadata(&file).unwrap().len(), length);
    page.hear_of("changed", FIRST);
    // What was read in the middle of the rewriting is told again.
    while server.json("/api/v1/runs")["runs"][0]["name"] != "b" {
        page.hear_of("changed", FIRST);
    }
}

#[test]
fn a_page_hears_that_a_metric_is_hidden_from_people() {
    let store = Store::new();
    let folder = store.trained(FIRST, "a", &json!({}), 0.0, 2);
    let server = Server::of(&store);
    let mut page = server.follow(ALL);
    edit(&folder, |file| file["definitions"]["epoch"] = json!({ "hidden": true }));
    page.hear_of("changed", FIRST);
    let hidden = || server.json("/api/v1/runs")["definitions"]["epoch"]["hidden"].clone();
    while hidden() != true {
        page.hear_of("changed", FIRST);
    }
}

/// Its file takes long to read, so that the change comes while the server looks for the first time.
#[test]
fn what_changes_after_the_greeting_is_told() {
    let store = Store::new();
    let settings: serde_json::Map<_, _> =
        (0..50_000).map(|nth| (format!("setting_{nth}"), json!(nth))).collect();
    let folder = store.trained(FIRST, "large", &json!(settings), 0.0, 2);
    let run = RunReader::open(folder).unwrap();
    let server = Server::of(&store);
    let mut page = server.follow(ALL);
    run.edit(&Edit::new().name("renamed")).unwrap();
    page.hear_of("changed", FIRST);
}

#[test]
fn the_stream_of_one_project_says_nothing_of_another() {
    let store = Store::new();
    let start = |project| init(project).dir(store.path()).signals(false).start().unwrap();
    let (own, other) = (start("mnist"), start("other"));
    let server = Server::of(&store);
    let mut page = server.follow("/api/v1/live?project=mnist");
    let mut of_all = server.follow(ALL);
    let new = start("other");
    of_all.hear_of("added", &id(&new));
    other.log_at(7_u64, metrics! { "loss" => 1.0 });
    of_all.hear("points", |told| told["runs"][&id(&other)]["last_step"] == 7);
    other.finish().unwrap();
    of_all.hear_of("changed", &id(&other));
    store.prints(&["rm", other.id().as_str(), "--yes"]);
    of_all.hear_of("removed", &id(&other));
    own.log_at(9_u64, metrics! { "loss" => 1.0 });
    own.finish().unwrap();
    // All of it comes in one order: the word of the own run is behind what there was of the others.
    loop {
        let (event, told) = page.next().unwrap();
        let text = told.to_string();
        assert!(!text.contains(other.id().as_str()) && !text.contains(new.id().as_str()), "{text}");
        if event == "runs" && text.contains(own.id().as_str()) {
            break;
        }
    }
}
