//! What holds for a run where nothing but the standard library is known of the system, in the place of
//! what the tests say that `tests/portable/differs.txt` lists.

#![cfg(feature = "portable")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use common::{SIGHUP, SIGINT, SIGKILL, SIGTERM, command, only_run, signal, start, steps, wait};
use tracker_core::{
    Mode, Run, State, Tracker, init,
    read::{Cursor, RunReader, Store},
    upkeep,
};

/// Long after the few milliseconds for which points are in memory alone.
const A_WHILE: Duration = Duration::from_millis(500);

#[test]
#[ignore = "started by the other tests as a process of its own"]
fn training() {
    match common::role().as_deref() {
        None => {}
        Some("wait") => {
            let run = begin(0..1_000);
            thread::sleep(A_WHILE);
            common::on_its_way();
            thread::sleep(Duration::from_mins(1));
            drop(run);
        }
        Some("panic, and abort") => {
            std::panic::set_hook(Box::new(|_| std::process::abort()));
            let _run = begin(0..1_000);
            thread::sleep(A_WHILE);
            panic!("out of luck");
        }
        Some("big") => {
            // More than the limit on the size of files leaves room for.
            let _run = begin(0..2_000_000);
            thread::sleep(Duration::from_mins(1));
        }
        Some(other) => panic!("no role {other}"),
    }
}

fn begin(steps: std::ops::Range<u64>) -> Run {
    let run = init("portable").start().unwrap();
    log(&run, steps);
    run
}

fn log(run: &Run, steps: std::ops::Range<u64>) {
    for step in steps {
        run.log_at(step, [("loss", 0.5)]);
    }
}

fn assert_has(store: &Path, state: State, points: u64) {
    let run = only_run(store);
    assert_eq!(run.state(), state);
    assert_eq!(steps(&run, "loss"), (0..points).collect::<Vec<_>>());
}

#[test]
fn a_killed_process_loses_what_it_logged_last_and_says_so_before() {
    let store = tempfile::tempdir().unwrap();
    let run = init("portable").dir(store.path()).name("here").start().unwrap();
    assert_eq!(run.status().mode, Mode::Buffered);
    run.finish().unwrap();
    let store = tempfile::tempdir().unwrap();
    let child = start(command("training", "wait", store.path()), store.path());
    signal(&child, SIGKILL);
    assert_eq!(wait(child).signal(), Some(SIGKILL));
    assert_has(store.path(), State::Crashed, 1_000);
    for sealed in upkeep::seal_dead(&only_run(store.path())).unwrap() {
        sealed.unwrap();
    }
    assert_has(store.path(), State::Crashed, 1_000);
    let resumed = init("portable").dir(store.path()).resume("@latest").start().unwrap();
    log(&resumed, 1_000..1_500);
    resumed.finish().unwrap();
    assert_has(store.path(), State::Finished, 1_500);
}

#[test]
fn a_signal_has_its_own_effect_and_leaves_a_crashed_run() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
        let store = tempfile::tempdir().unwrap();
        let child = start(command("training", "wait", store.path()), store.path());
        signal(&child, number);
        assert_eq!(wait(child).signal(), Some(number));
        assert_has(store.path(), State::Crashed, 1_000);
    }
}

#[test]
fn that_no_output_is_kept_is_told() {
    let store = tempfile::tempdir().unwrap();
    let run = init("portable").dir(store.path()).capture_output(true).start().unwrap();
    let problems = run.finish().unwrap().problems().to_vec();
    assert_eq!(
        problems.iter().map(|problem| &problem.kind).collect::<Vec<_>>(),
        ["output-not-captured"]
    );
}

#[test]
fn a_panic_that_aborts_is_told_with_the_crash() {
    let store = tempfile::tempdir().unwrap();
    let mut child = command("training", "panic, and abort", store.path());
    wait(child.stderr(Stdio::null()).spawn().unwrap());
    assert_has(store.path(), State::Crashed, 1_000);
    let message = only_run(store.path()).info().message.clone().unwrap();
    assert!(message.ends_with("out of luck"), "{message}");
}

#[test]
fn a_limit_on_the_size_of_files_ends_the_process_and_what_it_wrote_is_kept() {
    let store = tempfile::tempdir().unwrap();
    let training = command("training", "big", store.path());
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 2000; exec \"$0\" \"$@\""]).arg(training.get_program());
    limited.args(training.get_args());
    for (name, value) in training.get_envs() {
        limited.env(name, value.unwrap());
    }
    let status = wait(limited.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    assert!(status.signal().is_some(), "{status}");
    let run = only_run(store.path());
    let kept = steps(&run, "loss");
    assert_eq!(run.state(), State::Crashed);
    assert_eq!(kept, (0..kept.len() as u64).collect::<Vec<_>>());
    assert!(kept.len() > 10_000, "{}", kept.len());
}

#[test]
fn what_is_flushed_is_seen_by_readers() {
    let store = tempfile::tempdir().unwrap();
    let run = init("portable").dir(store.path()).start().unwrap();
    let known = Store::open(store.path()).unwrap();
    let (reader, mut cursor) = (RunReader::open(run.path()).unwrap(), Cursor::default());
    let mut seen = 0;
    for round in 1..=20 {
        log(&run, (round - 1) * 50_000..round * 50_000);
        run.flush(Duration::from_secs(30)).unwrap();
        let tail = reader.tail(&mut cursor).unwrap();
        for row in &tail.metrics["loss"] {
            assert_eq!(row.step.0, seen);
            seen += 1;
        }
        assert_eq!(seen, round * 50_000);
        assert_eq!(known.runs().unwrap().runs[0].summary().unwrap()["loss"].count, seen);
    }
    run.finish().unwrap();
    assert!(reader.tail(&mut cursor).unwrap().metrics.is_empty());
    assert_eq!(reader.series("loss").unwrap().len() as u64, seen);
}

#[test]
fn a_live_folder_that_is_removed_is_made_again() {
    let store = tempfile::tempdir().unwrap();
    let run = init("portable").dir(store.path()).start().unwrap();
    log(&run, 0..500);
    run.flush(Duration::from_secs(30)).unwrap();
    let live = run.path().join("live/r0a1");
    fs::remove_dir_all(&live).unwrap();
    common::wait_until(|| live.join("log-0").exists());
    assert_has(store.path(), State::Running, 500);
    for file in ["lock", "heartbeat"] {
        fs::remove_file(live.join(file)).unwrap();
        common::wait_until(|| live.join(file).exists());
        assert_eq!(only_run(store.path()).state(), State::Running);
    }
    run.finish().unwrap();
    assert_has(store.path(), State::Finished, 500);
}

#[test]
fn a_store_that_is_moved_while_it_lives_is_made_again_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    let run = init("portable").dir(old.join("store")).start().unwrap();
    log(&run, 0..500);
    run.flush(Duration::from_secs(30)).unwrap();
    fs::rename(&old, &new).unwrap();
    log(&run, 500..750);
    assert_eq!(run.finish().unwrap().points(), 750);
    assert_has(&old.join("store"), State::Finished, 750);
}

#[test]
fn a_copy_of_a_living_run_is_sealed_by_itself() {
    let [own, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let run = init("portable").dir(own.path()).start().unwrap();
    log(&run, 0..500);
    run.flush(Duration::from_secs(30)).unwrap();
    let [from, to] = [own.path().join("portable"), other.path().to_owned()];
    assert!(Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
    for sealed in upkeep::seal_dead(&only_run(other.path())).unwrap() {
        sealed.unwrap();
    }
    assert_eq!(steps(&only_run(other.path()), "loss").len(), 500);
    log(&run, 500..750);
    run.finish().unwrap();
    assert_has(own.path(), State::Finished, 750);
}
