//! Programs that a run starts beside itself: the training neither waits for them nor ends them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use common::{command, role, wait_until};
use tracker_core::init;

/// Plays a training with a companion.
#[test]
#[ignore = "a process that another test starts"]
fn actor() {
    let Some(role) = role() else { return };
    let run = init("test").name("trains").mirror("wandb:here").start().unwrap();
    run.log([("loss", 0.5)]);
    if role == "waits-for-the-companion" {
        let store = env::var_os("TRACKER_DIR").map(PathBuf::from).unwrap();
        let pid = store.join("pid");
        wait_until(|| fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n')));
        let pid = fs::read_to_string(pid).unwrap();
        // A process that nobody waited for would be there until this one ends.
        wait_until(|| !Path::new("/proc").join(pid.trim()).exists());
        // Its end is told a moment later.
        thread::sleep(Duration::from_millis(200));
    }
    let begun = Instant::now();
    let report = run.finish().unwrap();
    println!("took {} ms", begun.elapsed().as_millis());
    println!("problems {:?}", report.problems());
}

/// A store, and a program in it that stands for `tracker`.
fn store_with(script: &str) -> (tempfile::TempDir, PathBuf) {
    let store = tempfile::tempdir().unwrap();
    let program = store.path().join("tracker-in-its-place");
    let log = store.path().display();
    let text = format!("#!/bin/sh\necho \"$@\" >> '{log}/args'\necho $$ > '{log}/pid'\n{script}\n");
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    (store, program)
}

fn train(store: &Path, role: &str, change: impl FnOnce(&mut Command)) -> (Output, String) {
    let mut command = command("actor", role, store);
    command.env("TRACKER_SYSTEM", "off");
    change(&mut command);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    (output, said)
}

#[test]
fn the_first_rank_starts_a_mirror_for_each_place_and_leaves_nothing_in_the_list_of_processes() {
    let (store, program) = store_with("echo heard");
    let (_, said) = train(store.path(), "waits-for-the-companion", |command| {
        command.env("TRACKER_BIN", &program).env("TRACKER_MIRROR", "tensorboard:a, wandb:here");
    });
    assert!(said.contains("problems []"), "{said}");
    let run = common::only_run(store.path());
    let args = fs::read_to_string(store.path().join("args")).unwrap();
    let mut lines: Vec<&str> = args.lines().collect();
    lines.sort_unstable();
    let line =
        |to: &str| format!("mirror {} --to {to} --dir {}", run.info().id, store.path().display());
    assert_eq!(lines, [line("tensorboard:a"), line("wandb:here")]);
    let log = fs::read_to_string(run.path().join("companions.log")).unwrap();
    assert!(log.contains("heard"), "{log}");
}

#[test]
fn a_mirror_that_goes_on_keeps_no_training_from_its_end_and_outlives_it() {
    let (store, program) = store_with("exec sleep 3600");
    let begun = Instant::now();
    let (_, said) = train(store.path(), "ends-at-once", |command| {
        command.env("TRACKER_BIN", &program);
    });
    assert!(begun.elapsed() < Duration::from_mins(1), "{said}");
    wait_until(|| {
        fs::read_to_string(store.path().join("pid")).is_ok_and(|text| text.ends_with('\n'))
    });
    let pid = fs::read_to_string(store.path().join("pid")).unwrap();
    let kill = |signal: &str| Command::new("kill").args([signal, pid.trim()]).status().unwrap();
    assert!(kill("-0").success(), "it lives");
    assert!(kill("-9").success());
}

#[test]
fn a_mirror_that_cannot_be_started_is_a_problem_with_a_way_out_and_the_run_is_whole() {
    let (store, _) = store_with("");
    let (_, said) = train(store.path(), "ends-at-once", |command| {
        command.env("TRACKER_BIN", "/no/such/tracker");
    });
    assert!(
        said.contains("companion-not-started") && said.contains("cargo install tracker-cli"),
        "{said}"
    );
    assert_eq!(common::steps(&common::only_run(store.path()), "loss"), [0]);
}

#[test]
fn a_mirror_that_fails_while_the_run_goes_on_is_a_problem() {
    let (store, program) = store_with("exit 3");
    let (_, said) = train(store.path(), "waits-for-the-companion", |command| {
        command.env("TRACKER_BIN", &program);
    });
    assert!(said.contains("companion-failed") && said.contains("companions.log"), "{said}");
}

#[test]
fn off_and_other_ranks_start_none() {
    for (name, value) in [("TRACKER_MIRROR", "off"), ("TRACKER_MODE", "disabled")] {
        let (store, program) = store_with("");
        train(store.path(), "ends-at-once", |command| {
            command.env("TRACKER_BIN", &program).env(name, value);
        });
        assert!(!store.path().join("args").exists(), "{name}");
    }
    let (store, program) = store_with("");
    train(store.path(), "ends-at-once", |command| {
        command.env("TRACKER_BIN", &program);
        command.env("TRACKER_RANK", "1").env("TRACKER_RUN_ID", "01KX3F2A000000000000000AAA");
    });
    assert!(!store.path().join("args").exists(), "another rank");
}
