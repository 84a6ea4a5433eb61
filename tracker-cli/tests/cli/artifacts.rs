//! `tracker artifact`, and what `tracker show` tells of who used what.

use std::{fs, path::Path};

use serde_json::json;
use tracker_core::Artifact;

use crate::{
    server::Server,
    support::{FIRST, SECOND, Store, assert_text, edit, finish_as_if},
};

/// The SHA-256 of `weights of epoch-1`.
const HASH: &str = "5d9d267c6b6fdfc8e9aa75fbb00201e1f033ffde5f7e9144a6a1a340369ab0f1";

/// A run that made a model in two versions, and one of another project that uses the first of them and a data
/// set.
fn store() -> Store {
    let store = Store::new();
    let maker = store.init("maker").start().unwrap();
    for (version, alias) in [("epoch-1", "best"), ("epoch-2", "latest")] {
        let path = maker.dir().join(version);
        fs::write(&path, format!("weights of {version}")).unwrap();
        let model = Artifact::of_file("checkpoint/model", version, path).unwrap();
        maker.log_artifact(model.kind("model").alias(alias));
    }
    finish_as_if(&maker, FIRST, 2);
    let user = tracker_core::init("tuning").name("user").dir(store.path());
    let user = user.signals(false).code_changes(false).start().unwrap();
    user.use_artifact("mnist/maker:checkpoint@best").unwrap();
    let data = store.path().join("mnist").join(FIRST).join("files/epoch-2");
    user.dataset("the same", data);
    finish_as_if(&user, SECOND, 1);
    store
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_run_shows_what_it_used_and_who_used_it() {
    let store = store();
    let shown = store.prints(&["show", "user"]);
    assert_text!(&shown[shown.find("\nUsed\n").unwrap()..]);
    let made = store.prints(&["show", "mnist/maker"]);
    assert_text!(&made[made.find("\nUsed by\n").unwrap()..]);

    let shown = &store.json(&["show", "user", "--json"])["run"];
    let used = &shown["used"][0];
    assert_eq!((&used["run"], &used["run_name"]), (&json!(FIRST), &json!("maker")));
    assert_eq!((&used["sha256"], &used["type"]), (&json!(HASH), &json!("model")));
    assert_eq!(shown["used"][1]["run_name"], json!(null));
    let users = &store.json(&["show", "maker", "--json"])["run"]["used_by"];
    let told = |index: usize| ["run", "version", "named"].map(|key| users[index][key].clone());
    assert_eq!(told(0), [json!(SECOND), json!("epoch-1"), json!(true)]);
    assert_eq!(told(1), [json!(SECOND), json!("epoch-2"), json!(false)]);
}

#[test]
fn runs_that_were_moved_to_another_project_go_on_knowing_each_other() {
    let store = store();
    store.prints(&["mv", "maker", "archive"]);
    store.prints(&["mv", "user", "attic"]);
    let used = &store.json(&["show", "user", "--json"])["run"]["used"];
    assert_eq!(
        ["run", "run_name", "project"].map(|key| used[0][key].clone()),
        [json!(FIRST), json!("maker"), json!("archive")]
    );
    let users = &store.json(&["show", "maker", "--json"])["run"]["used_by"];
    let told = |index: usize| ["run", "project", "named"].map(|key| users[index][key].clone());
    assert_eq!(told(0), [json!(SECOND), json!("attic"), json!(true)]);
    assert_eq!(told(1), [json!(SECOND), json!("attic"), json!(false)]);
    let listed = store.json(&["artifact", "ls", "archive/maker", "--json"]);
    assert_eq!(listed["artifacts"][0]["used_by"][0]["project"], "attic");
    let folder = store.path().join("copies");
    let from = ["artifact", "get", "archive/maker:checkpoint@best", folder.to_str().unwrap()];
    store.prints(&from);
    assert_eq!(read(&folder.join("epoch-1")), "weights of epoch-1", "its files went with it");
    let server = Server::of(&store);
    let lineage = |run: &str| server.json(&format!("/api/v1/runs/{run}/lineage"));
    assert_eq!(lineage(SECOND)["used"][0]["project"], "archive");
    assert_eq!(lineage(FIRST)["used_by"][0]["project"], "attic");
    let next = tracker_core::init("tuning").name("next").dir(store.path());
    let next = next.signals(false).code_changes(false).start().unwrap();
    next.use_artifact("archive/maker:checkpoint@best").unwrap();
    next.finish().unwrap();
    let users = &store.json(&["show", "maker", "--json"])["run"]["used_by"];
    assert_eq!(users[0]["run_name"], "next", "and so it is used on");
    store.prints(&["undo"]);
    store.prints(&["undo"]);
    let used = &store.json(&["show", "user", "--json"])["run"]["used"];
    assert_eq!(used[0]["project"], "mnist");
}

#[test]
fn artifacts_are_listed_with_those_who_used_them() {
    let store = store();
    assert_text!(store.prints(&["artifact", "ls", "maker"]));
    assert_eq!(store.prints(&["artifact", "ls", "user"]), "run user has no artifacts\n");
    let listed = store.json(&["artifact", "ls", "maker", "--json"]);
    assert_eq!((&listed["version"], &listed["run"]), (&json!(1), &json!(FIRST)));
    let first = &listed["artifacts"][0];
    assert_eq!((&first["version"], &first["sha256"]), (&json!("epoch-1"), &json!(HASH)));
    assert_eq!(first["used_by"][0]["run_name"], "user");
}

#[test]
fn a_copy_is_the_file_that_was_recorded_and_replaces_none() {
    let store = store();
    let folder = store.path().join("copies");
    let into = folder.to_str().unwrap();
    let said = store.prints(&["artifact", "get", "maker:checkpoint@best", into]);
    assert_eq!(said, "copied checkpoint/model@epoch-1, 18 B, to STORE/copies/epoch-1\n");
    assert_eq!(read(&folder.join("epoch-1")), "weights of epoch-1");

    fs::write(folder.join("epoch-1"), "mine").unwrap();
    let said = store.fails(&["artifact", "get", "maker:checkpoint@best", into]);
    assert!(said.contains("is there already") && said.contains("--force"), "{said}");
    assert_eq!(read(&folder.join("epoch-1")), "mine");
    let copied =
        store.json(&["artifact", "get", "maker:checkpoint@best", into, "--force", "--json"]);
    assert_eq!((&copied["bytes"], &copied["run"]), (&json!(18), &json!(FIRST)));
    assert_eq!(read(&folder.join("epoch-1")), "weights of epoch-1");
    store.prints(&["artifact", "get", "maker:checkpoint", into]);
    assert_eq!(read(&folder.join("epoch-2")), "weights of epoch-2", "the latest");
}

#[test]
fn a_file_that_was_changed_is_not_copied() {
    let store = store();
    let made = store.path().join("mnist").join(FIRST).join("files");
    fs::write(made.join("epoch-1"), "weights of another").unwrap();
    fs::remove_file(made.join("epoch-2")).unwrap();
    let folder = store.path().join("copies");
    let into = folder.to_str().unwrap();
    for (reference, reason) in [
        ("maker:checkpoint@best", "was recorded"),
        ("maker:checkpoint@latest", "failed to open"),
        ("maker:checkpoint@epoch-7", "there are the versions"),
        ("maker:weights", "the run has checkpoint/model"),
        ("maker", "RUN:NAME"),
        ("nobody:checkpoint", "no run matches"),
    ] {
        let said = store.fails(&["artifact", "get", reference, into]);
        assert!(said.contains(reason) && said.contains("hint: "), "{reference}: {said}");
    }
    let left = fs::read_dir(&folder).unwrap().count();
    assert_eq!(left, 0, "nothing is left of what was not copied");
}

#[test]
fn a_store_from_elsewhere_gives_no_files_of_this_machine() {
    let store = store();
    let secret = store.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let events = store.path().join("mnist").join(FIRST).join("events-r0a1.jsonl");
    let text = read(&events);
    let line = |path: &str| {
        format!(
            "{{\"time\":\"2026-01-01T00:00:00.000000Z\",\"kind\":\"artifact\",\"name\":\"evil\",\
             \"version\":\"1\",\"type\":\"file\",\"path\":{}}}\n",
            json!(path)
        )
    };
    let folder = store.path().join("copies");
    for path in [secret.to_str().unwrap(), "../../secret", "files/../../../secret", "/dev/zero"] {
        fs::write(&events, format!("{}{text}", line(path))).unwrap();
        let said = store.fails(&["artifact", "get", "maker:evil", folder.to_str().unwrap()]);
        assert!(said.contains("hint: "), "{path}: {said}");
        assert!(!folder.join("secret").exists(), "{path}");
    }
}

#[test]
fn a_maker_that_is_gone_is_named_by_its_id() {
    let store = store();
    fs::remove_dir_all(store.path().join("mnist").join(FIRST)).unwrap();
    let shown = store.prints(&["show", "user"]);
    assert!(shown.contains(&format!("{FIRST}, not")), "{shown}");
}

#[test]
fn what_a_run_used_is_looked_for_only_where_it_may_be() {
    let store = store();
    let user = store.path().join("tuning").join(SECOND);
    edit(&user, |file| {
        assert_eq!(file["uses"], json!(true));
        file["uses"] = json!(false);
    });
    let shown = &store.json(&["show", "maker", "--json"])["run"];
    assert_eq!(shown["used_by"], json!([]));
}
