//! `tracker logs`, and what the server tells of messages.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    process::Stdio,
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tracker_core::{Event, Level, Tracker};

use crate::{
    server::{Server, id},
    support::{FIRST, Store, finish_as_if, texts},
};

/// Writes messages as a run does: `level text`, one a second from noon on.
fn say(folder: &Path, lines: &[(&str, &str)]) {
    let file = folder.join("messages-r0a1.jsonl");
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    for (second, (level, text)) in lines.iter().enumerate() {
        let line = json!({
            "time": format!("2026-01-01T12:{:02}:{:02}.000000Z", second / 60, second % 60),
            "step": second * 10, "level": level, "source": "log", "target": "train::data", "text": text,
        });
        writeln!(file, "{line}").unwrap();
    }
}

/// A run that has said something in each level.
fn spoken(store: &Store) {
    let run = store.init("a").start().unwrap();
    let folder = finish_as_if(&run, FIRST, 1);
    say(
        &folder,
        &[
            ("trace", "opened"),
            ("debug", "read 3 files"),
            ("info", "epoch 1"),
            ("warning", "one Image is torn"),
            ("error", "out of memory"),
        ],
    );
    let panic = json!({
        "time": "2026-01-01T13:00:00.000000Z", "level": "error", "source": "panic", "text": "index out of bounds",
        "fields": {"thread": "main", "place": "src/main.rs:7:3", "why": "two words", "backtrace": "0: a\n   at b"},
    });
    let file = folder.join("messages-r0a1.jsonl");
    writeln!(OpenOptions::new().append(true).open(file).unwrap(), "{panic}").unwrap();
}

fn lines(store: &Store, args: &[&str]) -> Vec<String> {
    let printed = store.prints(&[&["logs", FIRST], args].concat());
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn messages_are_printed_in_the_order_of_time_with_their_fields() {
    let store = Store::new();
    spoken(&store);
    assert_eq!(
        lines(&store, &[]),
        [
            "2026-01-01 12:00:00 UTC trace   step 0  train::data: opened",
            "2026-01-01 12:00:01 UTC debug   step 10  train::data: read 3 files",
            "2026-01-01 12:00:02 UTC info    step 20  train::data: epoch 1",
            "2026-01-01 12:00:03 UTC warning step 30  train::data: one Image is torn",
            "2026-01-01 12:00:04 UTC error   step 40  train::data: out of memory",
            "2026-01-01 13:00:00 UTC error   index out of bounds  thread=main  place=src/main.rs:7:3  \
         why=\"two words\"",
            "  backtrace:",
            "    0: a",
            "       at b",
        ]
    );
}

#[test]
fn a_level_words_and_a_count_choose_among_messages() {
    let store = Store::new();
    spoken(&store);
    assert_eq!(lines(&store, &["--level", "warning"]).len(), 6);
    assert_eq!(lines(&store, &["--grep", "IMAGE"]).len(), 1);
    assert_eq!(lines(&store, &["--source", "log"]).len(), 5);
    assert_eq!(lines(&store, &["--source", "output"]), [""; 0]);
    assert_eq!(lines(&store, &["--grep", "main.rs", "--level", "error"]).len(), 4);
    let last = lines(&store, &["--level", "info", "--last", "2"]);
    assert!(last.first().unwrap().ends_with("out of memory"), "{last:?}");
    assert_eq!(lines(&store, &["--last", "0"]), [""; 0]);
    let document: Value =
        serde_json::from_str(&lines(&store, &["--json", "--grep", "torn"])[0]).unwrap();
    assert_eq!((&document["version"], &document["run"]), (&json!(1), &json!(FIRST)));
    assert_eq!((&document["level"], &document["step"]), (&json!("warning"), &json!(30)));
    for wrong in [["--level", "loud"], ["--source", "nobody"]] {
        let refused = store.command(&[&["logs", FIRST][..], &wrong].concat()).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
    }
}

#[test]
fn a_run_is_followed_until_it_ends() {
    let store = Store::new();
    let run = store.init("live").start().unwrap();
    let message = |text: &str| Event::Message { level: Level::Info, text: text.into() };
    run.record(message("before"));
    let following = store
        .command(&["logs", "live", "--follow", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    run.record(message("during"));
    // A panic is a message by itself.
    let panicked = thread::Builder::new().spawn(|| panic!("a thread of the test panics"));
    panicked.unwrap().join().unwrap_err();
    run.finish().unwrap();
    let output = following.wait_with_output().unwrap();
    assert!(output.status.success());
    let (out, _) = texts(&output);
    let said: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<&str> = said.iter().map(|said| said["text"].as_str().unwrap()).collect();
    assert_eq!(said, ["before", "during", "a thread of the test panics"]);
}

#[test]
fn the_last_messages_are_shown_with_the_run_and_those_of_little_matter_are_not() {
    let store = Store::new();
    spoken(&store);
    let shown = store.prints(&["show", FIRST]);
    let messages = shown.split("Messages").nth(1).unwrap();
    for word in ["info", "epoch 1", "one Image is torn", "index out of bounds"] {
        assert!(messages.contains(word), "{messages}");
    }
    assert!(!messages.contains("read 3 files"), "{messages}");
}

#[test]
fn a_line_that_cannot_be_read_is_told() {
    let store = Store::new();
    spoken(&store);
    let file = store.path().join("mnist").join(FIRST).join("messages-r0a1.jsonl");
    let mut text = fs::read(&file).unwrap();
    text.extend_from_slice(b"{\"level\":\"loud\"}\n");
    fs::write(&file, text).unwrap();
    let output = store.tracker(&["logs", FIRST]);
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), out.lines().count()), (Some(2), 9), "{err}");
    assert!(err.contains("messages-r0a1.jsonl cannot be read"), "{err}");
}

#[test]
fn the_server_gives_messages_a_page_at_a_time() {
    let store = Store::new();
    let run = store.init("many").start().unwrap();
    let all: Vec<String> = (0..50).map(|number| format!("message {number}")).collect();
    say(run.path(), &all.iter().map(|text| ("info", text.as_str())).collect::<Vec<_>>());
    run.finish().unwrap();
    let server = Server::of(&store);
    let path = format!("/api/v1/runs/{}/messages", id(&run));
    let texts = |page: &Value| -> Vec<String> {
        let messages = page["messages"].as_array().unwrap().iter();
        messages.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
    };
    let page = server.json(&format!("{path}?count=20"));
    assert_eq!((texts(&page), &page["has_more"]), (all[30..].to_vec(), &json!(true)));
    assert_eq!(
        (&page["messages"][0]["step"], &page["messages"][0]["target"]),
        (&json!(300), &json!("train::data"))
    );
    let earlier =
        server.json(&format!("{path}?count=40&before={}", page["begin"].as_str().unwrap()));
    assert_eq!((texts(&earlier), &earlier["has_more"]), (all[..30].to_vec(), &json!(false)));
    let later = server.json(&format!("{path}?after={}", page["end"].as_str().unwrap()));
    assert_eq!((texts(&later).len(), &later["end"]), (0, &page["end"]));
    let found = server.json(&format!("{path}?level=info&search=MESSAGE%204&from=100&to=440"));
    assert_eq!(
        texts(&found),
        ["message 40", "message 41", "message 42", "message 43", "message 44"]
    );
    let printed = server.json(&format!("{path}?source=output"));
    assert_eq!(texts(&printed), [""; 0]);
    assert_eq!(texts(&server.json(&format!("{path}?source=log&count=50"))), all);

    for wrong in [
        "level=loud",
        "count=0",
        "count=5001",
        "from=x",
        "before=x",
        "after=",
        "before=0&after=0",
        "x=1",
    ] {
        let answer = server.get(&format!("{path}?{wrong}"));
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["hint"].is_string());
    }
    assert_eq!(server.get("/api/v1/runs/none/messages").status, 404);
}
