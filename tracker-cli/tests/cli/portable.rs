//! What the command does where nothing but the standard library is known of the system, in the place
//! of what the tests say that `tests/portable/differs.txt` lists.

use std::{fs, thread, time::Duration};

use serde_json::json;
use tracker_core::{Artifact, Event, Tracker};

use super::{
    server::Server,
    serves_elsewhere::{Desktop, give_away},
    support::{FIRST, Store},
};

#[test]
fn no_browser_is_opened_and_the_address_is_told() {
    for args in [&["--token"][..], &["--base-path", "/lab"]] {
        let desktop = Desktop::new();
        let server = desktop.serve(&Store::new(), args);
        assert!(server.url.starts_with(&format!("http://127.0.0.1:{}", server.port)));
        thread::sleep(Duration::from_millis(300));
        assert!(!desktop.was_opened());
    }
}

#[test]
fn whose_a_folder_is_nobody_knows_and_the_system_decides_what_may_be_changed() {
    let store = Store::new();
    let run = store.trained(FIRST, "other's", &json!({}), 0.0, 1);
    if !give_away(&run) {
        return;
    }
    let server = Server::of(&store);
    assert_eq!(server.json("/api/v1/store")["read_only"], false);
    assert_eq!(server.json(&format!("/api/v1/runs/{FIRST}"))["read_only"], false);
    let edit = server.post(&format!("/api/v1/runs/{FIRST}/edit"), &json!({ "notes": "seen" }));
    assert_eq!(edit.status, 200);
}

#[test]
fn no_link_is_followed_not_even_to_a_file_of_the_run() {
    let store = Store::new();
    let run = store.init("files").start().unwrap();
    fs::write(run.dir().join("inside.txt"), "inside").unwrap();
    std::os::unix::fs::symlink("inside.txt", run.dir().join("own")).unwrap();
    let mut artifact = Artifact::new("link", "1");
    artifact.path = Some("files/own".into());
    run.record(Event::Artifact(artifact));
    run.finish().unwrap();
    let server = Server::of(&store);
    let answer = server.get(&format!("/api/v1/runs/{}/artifacts/0/content", run.id()));
    assert_eq!(answer.status, 404);
}
