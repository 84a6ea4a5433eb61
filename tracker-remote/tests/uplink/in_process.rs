//! Trainings that send their runs themselves, each a process of its own: without the program `tracker`.

use std::{
    env, fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use tracker_core::{metrics, read::Store};
use tracker_remote::Place;

use crate::support::{Moto, fetched, objects, points};

/// The training: so many runs at once, all named by their number.
#[test]
#[ignore = "a process that another test starts"]
fn a_training_that_sends_itself() {
    let Ok(role) = env::var("TRACKER_TEST_ROLE") else { return };
    let runs: u64 = env::var("RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let one = |number: u64| {
        let run = tracker_remote::init("mnist").name(format!("run-{number}")).start().unwrap();
        for step in 0..3_000_u64 {
            run.log_at(step, metrics! { "loss" => 1.0 / (step + number) as f64 });
        }
        if role == "is-killed" {
            std::process::abort();
        }
        if role == "waits-for-a-problem" {
            let began = Instant::now();
            while run.status().problems.is_empty() {
                assert!(began.elapsed() < Duration::from_mins(1), "no problem is told");
                thread::sleep(Duration::from_millis(10));
            }
        }
        if role == "stays" {
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        let begun = Instant::now();
        let report = run.finish().unwrap();
        println!("took {} ms", begun.elapsed().as_millis());
        println!("problems {:?}", report.problems());
        println!("sync {:?}\n{report}", report.sync());
    };
    let one = &one;
    thread::scope(|scope| {
        for number in 1..=runs {
            scope.spawn(move || one(number));
        }
    });
}

/// A process of the training, in an environment without `tracker`.
fn training(role: &str, store: &Path, place: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "in_process::a_training_that_sends_itself", "--ignored", "--nocapture"])
        .env("TRACKER_TEST_ROLE", role)
        .env("TRACKER_DIR", store)
        .env("TRACKER_SYNC", place)
        .env("TRACKER_SYNC_EVERY", "0.2")
        .env("TRACKER_SYSTEM", "off")
        .env("TRACKER_CODE_CHANGES", "off")
        .env("TRACKER_BIN", "/no/such/tracker")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1");
    command
}

fn texts(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = texts(&output);
    assert!(output.status.success(), "{said}");
    said
}

fn milliseconds(said: &str) -> u64 {
    let took = said.split("took ").nth(1).unwrap();
    took.split(' ').next().unwrap().parse().unwrap()
}

fn runs(store: &Path) -> Vec<PathBuf> {
    let runs = Store::open(store).unwrap().runs().unwrap().runs;
    runs.iter().map(|run| run.path().to_owned()).collect()
}

/// That all runs of a store are at a place, point for point.
fn assert_there(store: &Path, place: &Place, count: usize) {
    let runs = runs(store);
    assert_eq!(runs.len(), count);
    for run in runs {
        let here = points(&run);
        assert_eq!(here.len(), 3_000);
        assert_eq!(fetched(place, &run), here);
    }
}

#[test]
fn several_runs_of_a_process_are_sent_to_a_folder_without_the_program() {
    let (store, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let to = place.path().to_str().unwrap();
    let said = succeeds(
        training("trains", store.path(), to).env("RUNS", "4").env("TRACKER_SYNC_WAIT", "60"),
    );
    assert_eq!(said.matches("problems []").count(), 4, "{said}");
    assert_eq!(said.matches(&format!("all is at {to}")).count(), 4, "{said}");
    assert_there(store.path(), &Place::parse(to).unwrap(), 4);
}

#[test]
fn a_run_is_sent_to_a_bucket_without_the_program() {
    let Some(moto) = Moto::start() else { return };
    let store = tempfile::tempdir().unwrap();
    let mut training = training("trains", store.path(), "s3://runs");
    let said =
        succeeds(training.env("AWS_ENDPOINT_URL", moto.endpoint()).env("TRACKER_SYNC_WAIT", "60"));
    assert!(said.contains("problems []") && said.contains("all is at s3://runs"), "{said}");
    assert_there(store.path(), &moto.place("runs"), 1);
}

#[test]
fn what_a_killed_training_has_left_is_sent_by_the_next_one_of_the_same_place() {
    let (store, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let to = place.path().to_str().unwrap();
    let killed = training("is-killed", store.path(), to).output().unwrap();
    assert!(!killed.status.success());
    let there = Place::parse(to).unwrap();
    let left = runs(store.path()).remove(0);
    let mut next = training("stays", store.path(), to).stdin(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    let here = points(&left);
    // It is sealed first, and has ended.
    let is_there = || {
        let objects = objects(&there);
        objects.keys().any(|name| name.contains("/file/scalars/"))
    };
    while !is_there() || fetched(&there, &left) != here {
        assert!(began.elapsed() < Duration::from_mins(1), "it is not sent");
        thread::sleep(Duration::from_millis(50));
    }
    drop(next.stdin.take());
    assert!(next.wait().unwrap().success());
}

/// Answers nothing, or always the same.
fn server(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            match answer {
                Some(answer) => {
                    let _ = stream.read(&mut [0; 4_096]);
                    let _ = stream.write_all(answer.as_bytes());
                }
                None => held.push(stream),
            }
        }
    });
    endpoint
}

#[test]
fn a_bucket_that_hangs_holds_up_neither_the_end_of_the_run_nor_that_of_the_process() {
    let store = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let mut training = training("trains", store.path(), "s3://runs");
    let said =
        succeeds(training.env("AWS_ENDPOINT_URL", server(None)).env("TRACKER_SYNC_WAIT", "1"));
    assert!((1_000..2_000).contains(&milliseconds(&said)), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(20), "the process has ended");
    assert!(said.contains("nothing is known to be at s3://runs yet"), "{said}");
    assert!(said.contains("problems []"), "it may answer yet: {said}");
}

#[test]
fn a_key_that_is_no_longer_valid_is_told_once_with_the_way_out_and_the_training_goes_on() {
    let store = tempfile::tempdir().unwrap();
    let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 39\r\nConnection: close\r\n\r\n\
                  <Error><Code>ExpiredToken</Code></Error>";
    let mut training = training("waits-for-a-problem", store.path(), "s3://runs");
    let said = succeeds(
        training.env("AWS_ENDPOINT_URL", server(Some(answer))).env("TRACKER_SYNC_WAIT", "1"),
    );
    assert!(said.contains("kind: \"sync\"") && said.contains("AWS_SESSION_TOKEN"), "{said}");
    assert!(said.contains("it is tried again"), "{said}");
    let told = said.matches("warning: the run is not sent to s3://runs").count();
    assert_eq!(told, 2, "when it happened, and in the report: {said}");
}

#[test]
fn a_place_that_is_none_is_told_at_once_and_nobody_waits() {
    let store = tempfile::tempdir().unwrap();
    let file = store.path().join("a-file");
    fs::write(&file, "").unwrap();
    for place in ["ftp://somewhere", file.to_str().unwrap(), "s3://"] {
        let mut training = training("waits-for-a-problem", store.path(), place);
        let said = succeeds(training.env("TRACKER_SYNC_WAIT", "60"));
        assert!(said.contains("is no place for runs"), "{said}");
        assert!(!said.contains("it is tried again"), "{said}");
        assert!(milliseconds(&said) < 20_000, "{said}");
    }
}
