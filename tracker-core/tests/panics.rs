//! What is left of a panic that ends its process.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    env,
    os::unix::process::ExitStatusExt,
    panic,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use common::{command, leave, only_run, start, steps, wait};
use tracker_core::{Run, State, init, read::RunReader, upkeep};

const SIGABRT: i32 = 6;

/// The process that panics, in the way that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn panicking() {
    let Some(role) = common::role() else { return };
    match role.as_str() {
        "hook that aborts" => {
            panic::set_hook(Box::new(|_| std::process::abort()));
            let run = begin();
            panic!("out of luck at step {}", run.next_step());
        }
        "another thread, in a hook that aborts" => {
            panic::set_hook(Box::new(|_| std::process::abort()));
            let _run = begin();
            let _ = thread::spawn(|| panic!("out of luck in a thread")).join();
        }
        "caught" => {
            let run = begin();
            assert!(thread::spawn(|| panic!("out of luck in a thread")).join().is_err());
            leave("caught");
            common::on_its_way();
            thread::sleep(Duration::from_millis(500));
            run.finish().unwrap();
        }
        "outlived" => {
            let run = begin();
            let caught = panic::catch_unwind(|| panic!("out of luck for a moment"));
            assert!(caught.is_err() && note(&run).exists());
            common::wait_until(|| !note(&run).exists());
            std::process::abort();
        }
        "unwinding" => {
            let _run = begin();
            panic!("out of luck");
        }
        other => panic!("no role {other}"),
    }
}

fn begin() -> Run {
    let run = init("panics").start().unwrap();
    run.log([("loss", 0.5)]);
    run
}

/// Where the message of a panic is as long as it may be what ends the process.
fn note(run: &Run) -> PathBuf {
    run.path().join("panic-r0a1.txt")
}

/// The run of a process that played a role and ended by itself.
fn run_after(role: &str) -> (tempfile::TempDir, RunReader, std::process::ExitStatus) {
    let store = tempfile::tempdir().unwrap();
    let mut child = command("panicking", role, store.path());
    let status = wait(child.stderr(Stdio::null()).spawn().unwrap());
    let run = only_run(store.path());
    (store, run, status)
}

fn assert_crashed_by(run: &RunReader, words: &str) {
    assert_eq!(run.state(), State::Crashed);
    let message = run.info().message.clone().unwrap();
    assert!(message.starts_with("panicked at ") && message.ends_with(words), "{message}");
    assert_eq!(steps(run, "loss"), [0]);
}

#[test]
fn a_panic_whose_hook_aborts_is_told_with_the_crash() {
    let (_store, run, status) = run_after("hook that aborts");
    assert_eq!(status.signal(), Some(SIGABRT));
    assert_crashed_by(&run, "out of luck at step 0");
    let (_store, run, _) = run_after("another thread, in a hook that aborts");
    assert_crashed_by(&run, "out of luck in a thread");
}

#[test]
fn a_panics_message_stays_when_the_rest_is_sealed_and_goes_when_the_run_is_resumed() {
    let (store, run, _) = run_after("hook that aborts");
    for sealed in upkeep::seal_dead(&run).unwrap() {
        sealed.unwrap();
    }
    assert_crashed_by(&only_run(store.path()), "out of luck at step 0");
    let resumed = init("panics").dir(store.path()).resume("@latest").start().unwrap();
    assert_eq!(only_run(store.path()).info().message, None);
    resumed.finish().unwrap();
    let run = only_run(store.path());
    assert_eq!((run.state(), run.info().message.as_deref()), (State::Finished, None));
}

#[test]
fn a_panic_that_the_training_catches_is_no_word_of_a_run_that_lives_or_has_finished() {
    let store = tempfile::tempdir().unwrap();
    let child = start(command("panicking", "caught", store.path()), store.path());
    let run = only_run(store.path());
    assert_eq!((run.state(), run.info().message.as_deref()), (State::Running, None));
    assert!(wait(child).success());
    let run = only_run(store.path());
    assert_eq!((run.state(), run.info().message.as_deref()), (State::Finished, None));
    assert!(!run.path().join("panic-r0a1.txt").exists());
}

#[test]
fn a_panic_that_the_process_has_outlived_does_not_explain_a_later_crash() {
    let (_store, run, status) = run_after("outlived");
    assert_eq!(status.signal(), Some(SIGABRT));
    assert_eq!((run.state(), run.info().message.as_deref()), (State::Crashed, None));
}

#[test]
fn a_panic_that_unwinds_fails_the_run_and_leaves_nothing_beside_it() {
    let (_store, run, _) = run_after("unwinding");
    assert_eq!(run.state(), State::Failed);
    assert!(run.info().message.as_ref().unwrap().ends_with("out of luck"));
    assert!(!run.path().join("panic-r0a1.txt").exists());
}

/// The example `panics`, compiled so that a panic aborts, with the same profile as this test.
fn aborting_program() -> PathBuf {
    let tests = env::current_exe().unwrap();
    let profile = tests.ancestors().nth(2).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["rustc", "--offline", "--package", "tracker-core", "--example", "panics"]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let built = cargo.args(["--", "-C", "panic=abort"]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    profile.join("examples/panics")
}

#[test]
fn a_panic_of_a_program_that_aborts_on_panic_is_told_with_the_crash() {
    let store = tempfile::tempdir().unwrap();
    let mut program = Command::new(aborting_program());
    let status = program.env("TRACKER_DIR", store.path()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.signal(), Some(SIGABRT));
    // A program that it was just starting holds its lock for a moment longer.
    common::wait_until(|| only_run(store.path()).state() != State::Running);
    assert_crashed_by(&only_run(store.path()), "the loss is not finite");
}
