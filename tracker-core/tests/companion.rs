//! Programs that a run starts beside itself: the training neither waits for them nor ends them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use common::{command, role, wait_until};
use tracker_core::{init, sender, sender::Assignment};

/// Plays a training with a companion.
#[test]
#[ignore = "a process that another test starts"]
fn actor() {
    let Some(role) = role() else { return };
    if role == "is-sent" {
        return send();
    }
    if role == "waits-for-its-place" {
        sender::send_by(send_badly);
        init("test").sync("away").start().unwrap().finish().unwrap();
        return;
    }
    if role == "hanging-runs" {
        return hang_often();
    }
    if role == "many-short-runs" {
        return train_often();
    }
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

/// What sends runs in the process, in place of the program: nothing that works.
fn send_badly(assignment: &Assignment) -> Result<(), String> {
    match assignment.place() {
        "panics" => panic!("an odd thing"),
        "gives-up" => {
            assignment.tell("it does not answer", false);
            thread::sleep(Duration::from_millis(500));
            Err("it may not".to_owned())
        }
        "refuses" => Err("it may not\nhint: ask somebody".to_owned()),
        _ => loop {
            thread::sleep(Duration::from_millis(20));
            if assignment.is_called_off() {
                eprintln!("called off");
                return Ok(());
            }
        },
    }
}

/// How many senders wait for an answer that never comes.
static HANGING: AtomicU64 = AtomicU64::new(0);

/// Plays a program with many runs whose place takes connections and never answers.
fn hang_often() {
    sender::send_by(|_| {
        HANGING.fetch_add(1, Ordering::SeqCst);
        loop {
            thread::park();
        }
    });
    for _ in 0..100 {
        init("test").sync("hangs").start().unwrap().finish().unwrap();
    }
    thread::sleep(Duration::from_secs(1));
    println!("{} hang", HANGING.load(Ordering::SeqCst));
}

/// Plays a program with more runs than may be on their way at once.
fn train_often() {
    if env::var_os("IN_PROCESS").is_some() {
        sender::send_by(send_badly);
    }
    let begun = Instant::now();
    for _ in 0..12 {
        let run = init("test").sync("away").start().unwrap();
        run.log([("loss", 0.5)]);
        run.finish().unwrap();
    }
    println!("took {} ms", begun.elapsed().as_millis());
    thread::sleep(Duration::from_secs(2));
}

/// Plays a training that is sent somewhere; what its environment says decides how that goes.
fn send() {
    if let Some(place) = env::var_os("IN_PROCESS") {
        sender::send_by(send_badly);
        let run = init("test").sync(place.to_string_lossy()).start().unwrap();
        run.log([("loss", 0.5)]);
        wait_until(|| !run.status().problems.is_empty());
        let begun = Instant::now();
        let report = run.finish().unwrap();
        println!("took {} ms\nproblems {:?}", begun.elapsed().as_millis(), report.problems());
        return;
    }
    let run = init("test").name("is-sent").sync("there").start().unwrap();
    run.log([("loss", 0.5)]);
    if env::var_os("KILLED").is_some() {
        let pid = env::var_os("TRACKER_DIR").map(|store| Path::new(&store).join("pid")).unwrap();
        wait_until(|| fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n')));
        std::process::abort();
    }
    if env::var_os("WAITS_FOR_A_PROBLEM").is_some() {
        wait_until(|| !run.status().problems.is_empty());
    }
    let status = run.status().sync;
    let begun = Instant::now();
    let report = run.finish().unwrap();
    println!("took {} ms", begun.elapsed().as_millis());
    println!("before {:?} {:?}", status[0].place, status[0].behind);
    println!("sync {:?}", report.sync());
    println!("problems {:?}", report.problems());
    println!("{report}");
}

/// Writes what a program that sends writes into the run's folder: `$NOTE`, with the place and the time.
const NOTE: &str = "note() {
    now=${TOLD:-$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)}
    name=$(printf %s \"$4\" | sha256sum | cut -c 1-8)
    folder=$(dirname \"$(ls -d \"$root\"/test/*/run.json)\")/followers
    mkdir -p \"$folder\"
    printf '%s\\n' \"{\\\"place\\\":\\\"$4\\\",\\\"told\\\":\\\"$now\\\",$NOTE}\" > \"$folder/.new\"
    mv \"$folder/.new\" \"$folder/sync-$name.json\"
}";

/// A program in place of `tracker sync RUN --to PLACE --follow --dir ROOT` that writes notes.
fn store_with_sender(script: &str) -> (tempfile::TempDir, PathBuf) {
    store_with(&format!("for root; do :; done\n{NOTE}\n{script}"))
}

fn milliseconds(said: &str) -> u64 {
    let took = said.split("took ").nth(1).unwrap();
    took.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn the_end_of_a_run_waits_until_all_is_where_it_is_sent_and_says_so() {
    let script = "while ! grep -q '\"finished\"' \"$root\"/test/*/run.json; do sleep 0.1; done
        sleep 1; NOTE='\"all\":true,\"behind\":0'; note \"$@\"";
    let (store, program) = store_with_sender(script);
    let (_, said) = train(store.path(), "is-sent", |command| {
        command.env("TRACKER_BIN", &program).env("TRACKER_SYNC", "there");
        command.env("TRACKER_SYNC_WAIT", "60");
    });
    assert!(said.contains("all is at there") && said.contains("problems []"), "{said}");
    assert!((900..30_000).contains(&milliseconds(&said)), "{said}");
    let args = fs::read_to_string(store.path().join("args")).unwrap();
    let run = common::only_run(store.path());
    let wanted = format!(
        "sync {} --to there --follow --left --dir {}\n",
        run.info().id,
        store.path().display()
    );
    assert_eq!(args, wanted, "once, though builder and environment name the place");
}

#[test]
fn the_end_of_a_run_waits_no_longer_than_it_may_and_says_what_is_left_and_what_sends_it() {
    let (store, program) =
        store_with_sender("NOTE='\"all\":false,\"behind\":3000000'; note \"$@\"; exec sleep 600");
    let (_, said) = train(store.path(), "is-sent", |command| {
        command.env("TRACKER_BIN", &program).env("TRACKER_SYNC_WAIT", "1s");
    });
    assert!((1_000..2_000).contains(&milliseconds(&said)), "{said}");
    let left = format!(
        "at least 3.0 MB are not at there yet; `tracker sync {} --to there` sends them",
        common::only_run(store.path()).info().id
    );
    assert_eq!(said.matches(&left).count(), 2, "in the report, and before it: {said}");
    kill(store.path());
}

#[test]
fn what_was_told_of_an_earlier_attempt_says_nothing_of_this_one() {
    let script =
        "TOLD=2020-01-01T00:00:00Z; NOTE='\"all\":true,\"behind\":0'; note \"$@\"; exec sleep 600";
    let (store, program) = store_with_sender(script);
    let (_, said) = train(store.path(), "is-sent", |command| {
        command.env("TRACKER_BIN", &program).env("TRACKER_SYNC_WAIT", "2");
    });
    assert!(said.contains("nothing is known to be at there yet"), "{said}");
    assert!(milliseconds(&said) >= 2_000, "{said}");
    kill(store.path());
}

#[test]
fn a_place_that_refuses_is_one_problem_and_nobody_waits_for_a_program_that_has_ended() {
    let script = "for i in 1 2 3; do
            NOTE='\"behind\":9,\"problem\":\"403 from there\\nhint: look at the key\"'; note \"$@\"; sleep 1
        done; exit 1";
    let (store, program) = store_with_sender(script);
    let (_, said) = train(store.path(), "is-sent", |command| {
        command.env("TRACKER_BIN", &program).env("WAITS_FOR_A_PROBLEM", "1");
        command.env("TRACKER_SYNC_WAIT", "60");
    });
    assert!(said.contains("kind: \"sync\"") && said.contains("403 from there"), "{said}");
    assert!(said.contains("look at the key"), "{said}");
    assert_eq!(said.matches("warning: the run is not sent to there").count(), 2, "{said}");
    assert!(milliseconds(&said) < 20_000, "{said}");
}

#[test]
fn a_sender_that_cannot_be_started_keeps_nobody_waiting() {
    let (store, _) = store_with("");
    let (_, said) = train(store.path(), "is-sent", |command| {
        command.env("TRACKER_BIN", "/no/such/tracker").env("TRACKER_SYNC_WAIT", "60");
    });
    assert!(said.contains("companion-not-started") && milliseconds(&said) < 20_000, "{said}");
    assert!(said.contains("nothing is known to be at there yet; `tracker sync "), "{said}");
}

#[test]
fn a_training_that_dies_leaves_the_program_that_sends_it() {
    let (store, program) = store_with("exec sleep 600");
    let mut command = command("actor", "is-sent", store.path());
    command.env("TRACKER_SYSTEM", "off").env("TRACKER_BIN", &program).env("KILLED", "1");
    assert!(!command.output().unwrap().status.success());
    let pid = fs::read_to_string(store.path().join("pid")).unwrap();
    assert!(Path::new("/proc").join(pid.trim()).exists(), "it lives");
    kill(store.path());
}

#[test]
fn a_sender_in_the_process_that_panics_or_gives_up_is_a_problem_and_the_training_goes_on() {
    for (place, why) in [("panics", "in a panic: an odd thing"), ("refuses", "it may not")] {
        let store = tempfile::tempdir().unwrap();
        let (_, said) = train(store.path(), "is-sent", |command| {
            command.env("IN_PROCESS", place).env("TRACKER_SYNC_WAIT", "60");
        });
        assert!(said.contains("kind: \"sync\"") && said.contains(why), "{said}");
        assert!(said.contains(&format!("--to {place}` sends it at any time")), "{said}");
        assert!(milliseconds(&said) < 20_000, "nobody waits: {said}");
        let run = common::only_run(store.path());
        assert_eq!(common::steps(&run, "loss"), [0]);
        assert_eq!(run.state(), tracker_core::State::Finished, "the panic is not the training's");
    }
}

#[test]
fn many_short_runs_whose_place_is_away_leave_few_senders_and_are_waited_for_once() {
    let store = tempfile::tempdir().unwrap();
    let (_, said) = train(store.path(), "many-short-runs", |command| {
        command.env("IN_PROCESS", "1").env_remove("TRACKER_SYNC_WAIT");
    });
    assert_eq!(said.matches("called off").count(), 12 - 8, "{said}");
    assert!((20_000..60_000).contains(&milliseconds(&said)), "10 s, and 11 times 1 s: {said}");
    let (store, program) = store_with("echo $$ >> \"$0.all\"; exec sleep 600");
    train(store.path(), "many-short-runs", |command| {
        command.env("TRACKER_BIN", &program).env("TRACKER_SYNC_WAIT", "0");
    });
    let pids = fs::read_to_string(store.path().join("tracker-in-its-place.all")).unwrap();
    let lives = |pid: &&str| Path::new("/proc").join(pid).exists();
    let alive: Vec<&str> = pids.lines().filter(lives).collect();
    assert_eq!((pids.lines().count(), alive.len()), (12, 8));
    for pid in alive {
        Command::new("kill").args(["-9", pid]).status().unwrap();
    }
}

#[test]
fn what_is_tried_again_and_then_given_up_is_told_as_both() {
    let store = tempfile::tempdir().unwrap();
    let (_, said) = train(store.path(), "is-sent", |command| {
        command.env("IN_PROCESS", "gives-up").env("TRACKER_SYNC_WAIT", "60");
    });
    let told =
        |text: &str| said.matches(&format!("warning: the run is not sent to {text}")).count();
    assert_eq!(told("gives-up: it does not answer"), 1, "{said}");
    assert_eq!(told("gives-up any more: it may not"), 1, "{said}");
    assert!(said.contains("kind: \"sync\"") && said.contains("kind: \"sync-over\""), "{said}");
}

#[test]
fn a_signal_at_the_end_waits_for_no_place() {
    let store = tempfile::tempdir().unwrap();
    let mut command = command("actor", "waits-for-its-place", store.path());
    command.env("TRACKER_SYSTEM", "off").env("TRACKER_SYNC_WAIT", "60");
    let child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let runs = store.path().join("test");
    let is_saved = || {
        let runs = fs::read_dir(&runs).into_iter().flatten().flatten();
        runs.map(|run| fs::read_to_string(run.path().join("run.json")).unwrap_or_default())
            .any(|run| run.contains("\"finished\""))
    };
    wait_until(is_saved);
    thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    common::signal(&child, common::SIGINT);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !said.contains("still being saved"), "{said}");
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}: {said}", begun.elapsed());
}

#[test]
fn senders_that_hang_are_no_more_than_some() {
    let store = tempfile::tempdir().unwrap();
    let (_, said) = train(store.path(), "hanging-runs", |command| {
        command.env("TRACKER_SYNC_WAIT", "0");
    });
    let count = said.split(" hang").next().and_then(|before| before.split_whitespace().last());
    assert!((30..=45).contains(&count.unwrap().parse::<u64>().unwrap()), "{said}");
    assert!(said.contains("too many earlier runs wait for an answer"), "{said}");
    let notes = fs::read_dir(store.path().join("test")).unwrap().filter(|run| {
        let followers = run.as_ref().unwrap().path().join("followers");
        fs::read_dir(followers).is_ok_and(|mut notes| notes.next().is_some())
    });
    assert_eq!(notes.count(), 100, "the next process sends them");
}

fn kill(store: &Path) {
    let pid = fs::read_to_string(store.join("pid")).unwrap();
    Command::new("kill").args(["-9", pid.trim()]).status().unwrap();
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
fn a_program_that_never_stops_talking_is_ended_before_it_fills_the_disk() {
    let (store, program) = store_with("yes 'and so on' | head -c 50000000; exec sleep 3600");
    let (_, said) = train(store.path(), "waits-for-the-companion", |command| {
        command.env("TRACKER_BIN", &program);
    });
    assert!(said.contains("companion-failed") && said.contains("MiB of words"), "{said}");
    assert_eq!(common::steps(&common::only_run(store.path()), "loss"), [0]);
}

#[test]
fn off_and_other_ranks_start_none() {
    for (name, value) in [("TRACKER_MIRROR", "off"), ("TRACKER_MODE", "disabled")] {
        let (store, program) = store_with("");
        train(store.path(), "ends-at-once", |command| {
            command.env("TRACKER_BIN", &program).env(name, value);
            command.env("TRACKER_SYNC", "off");
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
