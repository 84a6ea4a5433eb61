//! `tracker watch` where there is no terminal.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use serde_json::{Value, json};
use tracker_core::metrics;

use crate::{
    crashes,
    server::PATIENCE,
    support::{FIRST, Store, texts},
};

/// `tracker watch` on its own, which is read as it goes on.
struct Watching {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut read = BufReader::new(from).lines().map_while(Result::ok);
        read.all(|line| send.send(line).is_ok());
    });
    lines
}

impl Watching {
    fn of(store: &Store, args: &[&str]) -> Self {
        let mut command = store.command(&[&["watch"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, out: lines(out), err: lines(err) }
    }

    /// The next line of standard output.
    fn line(&self) -> String {
        self.out.recv_timeout(PATIENCE).unwrap()
    }

    /// The next line of standard error.
    fn said(&self) -> String {
        self.err.recv_timeout(PATIENCE).unwrap()
    }

    /// How it ends, and what it printed and said until then.
    fn end(mut self) -> (ExitStatus, Vec<String>, Vec<String>) {
        let until_end = |lines: &Receiver<String>| {
            let mut read = Vec::new();
            loop {
                match lines.recv_timeout(PATIENCE) {
                    Ok(line) => read.push(line),
                    Err(mpsc::RecvTimeoutError::Disconnected) => return read,
                    Err(mpsc::RecvTimeoutError::Timeout) => panic!("it goes on after {read:?}"),
                }
            }
        };
        let (out, err) = (until_end(&self.out), until_end(&self.err));
        (self.child.wait().unwrap(), out, err)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn a_run_that_is_over_is_told_by_its_last_steps_and_its_end() {
    let store = Store::new();
    let run = store.init("short").start().unwrap();
    for step in 0..30_u64 {
        run.log_at(step, metrics! { "loss" => 1.0 / (step + 1) as f64 });
    }
    run.finish().unwrap();
    let text = store.prints(&["watch", "short"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 11, "{text}");
    assert!(lines[0].starts_with("step 20 "), "{text}");
    assert_eq!(lines[10], "short finished");
    assert_eq!(store.prints(&["watch", "short", "--all"]).lines().count(), 31);
}

#[test]
fn a_run_is_followed_as_json_until_it_ends() {
    let store = Store::new();
    let run = store.init("live").start().unwrap();
    run.log_at(1_u64, metrics! { "loss" => 0.5 });
    let watching = store
        .command(&["watch", "--json", "--all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    run.log_at(2_u64, metrics! { "loss" => f64::NAN });
    run.finish().unwrap();
    let output = watching.wait_with_output().unwrap();
    assert!(output.status.success());
    let (out, _) = texts(&output);
    let documents: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents[0]["metrics"], json!({ "loss": 0.5 }));
    assert_eq!(documents[1]["metrics"], json!({ "loss": "NaN" }));
    assert_eq!(documents[2]["state"], "finished");
    assert_eq!(documents.len(), 3);
}

#[test]
fn names_cannot_change_what_the_terminal_shows() {
    let store = Store::new();
    store.trained(FIRST, "evil\u{202e}gnp", &json!({}), 1.0, 1);
    let output = store.tracker(&["watch", FIRST]);
    let (out, _) = texts(&output);
    assert!(out.ends_with("evilgnp finished\n"), "{out:?}");
}

#[test]
fn a_store_without_runs_says_what_to_do() {
    let store = Store::new();
    assert!(store.fails(&["watch"]).contains("hint: "));
}

#[test]
fn a_run_that_is_killed_while_it_is_watched_is_told_to_have_crashed() {
    let store = Store::new();
    let mut child = crashes::doomed(&store);
    let plain = Watching::of(&store, &["doomed", "--plain"]);
    let json = Watching::of(&store, &["doomed", "--json"]);
    for step in 990..1_000 {
        assert!(plain.line().starts_with(&format!("step {step} ")));
        let line: Value = serde_json::from_str(&json.line()).unwrap();
        assert_eq!(line["step"], step);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (status, out, err) = plain.end();
    assert!(status.success());
    assert_eq!((out, err), (vec!["doomed crashed".to_owned()], vec![]));
    let (status, out, err) = json.end();
    assert!(status.success() && err.is_empty());
    let end: Value = serde_json::from_str(&out[0]).unwrap();
    assert_eq!((&end["state"], &end["message"]), (&json!("crashed"), &json!(null)));
    assert_eq!(end["summary"]["loss"]["count"], 1_000);
    assert_eq!(out.len(), 1);
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_watching_without_a_word() {
    let store = Store::new();
    let run = store.init("live").start().unwrap();
    run.log_at(0_u64, metrics! { "loss" => 1.0 });
    for kind in ["--plain", "--json"] {
        let mut command = store.command(&["watch", "live", kind]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let err = lines(child.stderr.take().unwrap());
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        drop(out);
        run.log_at(1_u64, metrics! { "loss" => 1.0 });
        // It ends with the next line that nobody reads.
        assert_eq!(err.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
        assert_eq!(child.wait().unwrap().code(), Some(0), "{kind}");
    }
    run.finish().unwrap();
    let mut all = store.command(&["watch", "live", "--all"]);
    let mut child = all.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), texts(&output).1), (Some(0), String::new()));
}

#[test]
fn a_store_that_goes_away_is_waited_for_and_nothing_is_told_twice() {
    let store = Store::new();
    let run = store.init("live").start().unwrap();
    run.log_at(1_u64, metrics! { "loss" => 1.0 });
    let watching = Watching::of(&store, &["live", "--json"]);
    let step = || serde_json::from_str::<Value>(&watching.line()).unwrap()["step"].clone();
    assert_eq!(step(), 1);
    let away = store.path().with_extension("away");
    for next in 2..4_u64 {
        fs::rename(store.path(), &away).unwrap();
        let said = watching.said();
        assert!(said.ends_with(" is not there; waiting until it is back"), "{said}");
        run.log_at(next, metrics! { "loss" => 1.0 });
        fs::rename(&away, store.path()).unwrap();
        assert_eq!(step(), next);
    }
    run.finish().unwrap();
    let (status, out, err) = watching.end();
    assert!(status.success(), "{err:?}");
    assert_eq!((out.len(), err), (1, vec![]));
    assert!(out[0].contains("\"state\":\"finished\""), "{out:?}");
}

#[test]
fn a_run_that_is_removed_while_it_is_watched_is_an_error() {
    let store = Store::new();
    let run = store.init("live").start().unwrap();
    run.log_at(1_u64, metrics! { "loss" => 1.0 });
    let watching = Watching::of(&store, &["live", "--plain"]);
    watching.line();
    // The training may write at any moment of that.
    while fs::remove_dir_all(run.path()).is_err() && run.path().exists() {}
    let (status, out, err) = watching.end();
    assert_eq!((status.code(), out.len()), (Some(1), 0));
    assert_eq!(err[0], "error: run live was removed");
    assert!(err[1].starts_with("hint: "), "{err:?}");
    drop(run);
}

#[test]
fn a_run_that_trains_is_chosen_before_a_later_one_that_is_over() {
    let store = Store::new();
    let training = store.init("training").start().unwrap();
    store.init("over").start().unwrap().finish().unwrap();
    let watching = Watching::of(&store, &[]);
    assert_eq!(watching.said(), "watching training");
    // One that starts later is another one's business.
    let later = store.init("later").start().unwrap();
    later.log_at(7_u64, metrics! { "loss" => 1.0 });
    later.finish().unwrap();
    training.log_at(1_u64, metrics! { "loss" => 1.0 });
    training.finish().unwrap();
    let (status, out, _) = watching.end();
    assert!(status.success());
    assert_eq!((out.len(), &*out[1]), (2, "training finished"));
    assert!(out[0].starts_with("step 1 "), "{out:?}");
}
