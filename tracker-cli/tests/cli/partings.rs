//! Who ends a whole job tells the training and what goes along with it at once: the last points are sent all the same.

use std::{
    path::Path,
    process::{Child, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tracker_core::{Run, Tracker};

use crate::support::{Store, texts};

/// The commands that go along with a training, and what is there once they have written a first time.
fn followers(to: &Path) -> [(Vec<String>, std::path::PathBuf); 2] {
    let word = |path: &Path| path.to_str().unwrap().to_owned();
    let (place, board) = (to.join("place"), to.join("board"));
    let sync = ["sync", "ended", "--follow", "--to"].map(str::to_owned);
    let mirror = ["mirror", "ended", "--to", "tensorboard"].map(str::to_owned);
    [
        ([&sync[..], &[word(&place)]].concat(), place.join("mnist/heads")),
        ([&mirror[..], &[word(&board)]].concat(), board),
    ]
}

fn start(store: &Store, args: &[String], first: &Path) -> Child {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = store.command(&args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).env("TRACKER_SYNC_EVERY", "0.1");
    let child = command.spawn().unwrap();
    let began = Instant::now();
    while !first.exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "{} is not there", first.display());
        thread::sleep(Duration::from_millis(10));
    }
    child
}

fn terminate(child: &Child) {
    kill_process(Pid::from_child(child), Signal::TERM).unwrap();
}

fn log(run: &Run, steps: std::ops::Range<u64>) {
    steps.for_each(|step| run.log_at(step, [("loss", 1.0)]));
    run.flush(Duration::from_mins(1)).unwrap();
}

fn end(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

#[test]
fn what_goes_along_with_a_training_waits_for_its_last_points_when_both_are_told_to_end() {
    let (store, to) = (Store::new(), tempfile::tempdir().unwrap());
    let run = store.init("ended").start().unwrap();
    log(&run, 0..10);
    let mut started: Vec<Child> =
        followers(to.path()).iter().map(|(args, first)| start(&store, args, first)).collect();
    started.iter().for_each(terminate);
    thread::sleep(Duration::from_millis(500));
    for child in &mut started {
        assert!(child.try_wait().unwrap().is_none(), "it did not wait");
    }
    log(&run, 10..1_000);
    run.finish().unwrap();
    for child in started {
        let output = end(child);
        let (said, problems) = texts(&output);
        assert!(output.status.success(), "{said}{problems}");
        assert!(said.contains("all of it is there") || said.contains(" 1000 points"), "{said}");
    }
}

#[test]
fn told_twice_to_end_it_ends_and_says_that_there_is_more() {
    let (store, to) = (Store::new(), tempfile::tempdir().unwrap());
    let run = store.init("ended").start().unwrap();
    log(&run, 0..10);
    for (args, first) in followers(to.path()) {
        let child = start(&store, &args, &first);
        terminate(&child);
        thread::sleep(Duration::from_millis(300));
        terminate(&child);
        let began = Instant::now();
        let (said, problems) = texts(&end(child));
        assert!(began.elapsed() < Duration::from_secs(15), "{args:?}");
        let is_told = said.contains("it has not ended") || problems.contains("told to end");
        assert!(is_told, "{said}{problems}");
    }
    run.finish().unwrap();
}
