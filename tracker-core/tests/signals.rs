//! Who listens to signals, and what the first and the second one do: the table of `shutdown`, row
//! by row.
//!
//! Each test starts this test program again as the process that gets the signal, see [`training`].

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    os::unix::process::ExitStatusExt,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use common::{
    SIGHUP, SIGINT, SIGTERM, command, leave, on_its_way, only_run, run, signal, start, steps, wait,
    wait_until,
};
use tracker_core::{Run, State, Stop, Tracker, init, read::RunReader};

/// The exit status of a program that ended by its own handler.
const OWN_STATUS: i32 = 7;

/// The process that gets signals, in the role that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn training() {
    let Some(role) = common::role() else { return };
    match role.as_str() {
        "deaf" => train(&begin("deaf"), || false),
        "listening" => {
            train_until_asked(&begin("listening"));
            leave("saved");
        }
        "listening once" => {
            let run = begin("listening");
            let _ = run.requests();
            train(&run, || false);
        }
        "going on after the end" => {
            train_until_asked(&begin("listening"));
            thread::sleep(Duration::from_hours(1));
        }
        "two runs" => {
            let listening = begin("listening");
            let deaf = init("signals").name("deaf").start().unwrap();
            train_until_asked(&listening);
            leave("saved");
            train(&deaf, || false);
        }
        "a sweep" => {
            train_until_asked(&begin("listening"));
            train_until_asked(&init("signals").name("later").start().unwrap());
            leave("saved");
        }
        "left alone" => {
            let run = init("signals").name("alone").signals(false).start().unwrap();
            on_its_way();
            train(&run, || false);
        }
        "first process" => {
            let run = begin("deaf");
            let itself = std::process::id().to_string();
            assert_eq!(itself, "1");
            thread::spawn(move || {
                // Not before the training has logged something.
                thread::sleep(Duration::from_millis(100));
                Command::new("kill").args(["-TERM", &itself]).status().unwrap();
            });
            train(&run, || false);
        }
        other => with_own_handler(other),
    }
}

fn begin(name: &str) -> Run {
    let run = init("signals").name(name).start().unwrap();
    // The thread that takes signals needs a moment.
    thread::sleep(Duration::from_millis(200));
    on_its_way();
    run
}

/// Logs until it is to end, without a look at the run's requests.
fn train(run: &Run, mut is_to_end: impl FnMut() -> bool) {
    for step in 0_u64.. {
        run.log_at(step, [("loss", step as f64)]);
        if is_to_end() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn train_until_asked(run: &Run) {
    train(run, || run.requests().stop == Stop::Now);
    run.log([("after the loop", 1.0)]);
    run.finish().unwrap();
}

/// A program with a handler of its own, which ends the training: by `library`, set `when`.
fn with_own_handler(role: &str) {
    let (library, when) = role.split_once(' ').unwrap();
    let ends = Arc::new(AtomicBool::new(false));
    let run = if when == "before" {
        set_handler(library, &ends);
        begin("own")
    } else {
        let run = init("signals").name("own").start().unwrap();
        thread::sleep(Duration::from_millis(200));
        set_handler(library, &ends);
        on_its_way();
        run
    };
    train(&run, || ends.load(Ordering::Relaxed));
    // A checkpoint takes a while.
    thread::sleep(Duration::from_millis(500));
    leave("saved");
    if when == "after, without finish" {
        std::process::exit(OWN_STATUS);
    }
    run.finish().unwrap();
    std::process::exit(OWN_STATUS);
}

fn set_handler(library: &str, ends: &Arc<AtomicBool>) {
    match library {
        "signal-hook" => {
            signal_hook::flag::register(SIGTERM, Arc::clone(ends)).unwrap();
        }
        "tokio" => {
            let (ends, (ready, is_ready)) = (Arc::clone(ends), std::sync::mpsc::channel());
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(async {
                    use tokio::signal::unix::{SignalKind, signal};
                    let mut signals = signal(SignalKind::terminate()).unwrap();
                    ready.send(()).unwrap();
                    signals.recv().await.unwrap();
                    ends.store(true, Ordering::Relaxed);
                });
            });
            is_ready.recv().unwrap();
        }
        "sigaction" => {
            static ENDS: AtomicBool = AtomicBool::new(false);
            extern "C" fn end(_: i32) {
                ENDS.store(true, Ordering::Relaxed);
            }
            let ends = Arc::clone(ends);
            #[expect(unsafe_code, reason = "as libraries do that replace handlers")]
            // SAFETY: the handler only stores to an atomic; the action is whole.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = end as extern "C" fn(i32) as usize;
                assert_eq!(libc::sigaction(SIGTERM, &raw const action, std::ptr::null_mut()), 0);
            }
            thread::spawn(move || {
                while !ENDS.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(1));
                }
                ends.store(true, Ordering::Relaxed);
            });
        }
        other => panic!("no library {other}"),
    }
}

struct Ended {
    store: tempfile::TempDir,
    status: std::process::ExitStatus,
}

impl Ended {
    /// What became of a process that got these signals, each a while after the one before.
    fn after(role: &str, signals: &[i32]) -> Self {
        let store = tempfile::tempdir().unwrap();
        let mut training = command("training", role, store.path());
        training.env("TRACKER_GRACE", "1");
        let child = start(training, store.path());
        for number in signals {
            signal(&child, *number);
            thread::sleep(Duration::from_millis(200));
        }
        Self { status: wait(child), store }
    }

    fn run(&self) -> RunReader {
        only_run(self.store.path())
    }

    fn has(&self, name: &str) -> bool {
        self.store.path().join(name).exists()
    }
}

fn assert_stopped_by(run: &RunReader, name: &str) {
    assert_eq!(run.state(), State::Stopped, "{:?}", run.info().message);
    assert_eq!(run.info().message.as_deref(), Some(format!("stopped by {name}").as_str()));
    let steps = steps(run, "loss");
    assert!(!steps.is_empty() && steps.iter().copied().eq(0..steps.len() as u64));
}

#[test]
fn where_nobody_listens_a_signal_saves_the_run_and_ends_the_process() {
    for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")] {
        let ended = Ended::after("deaf", &[number]);
        assert_eq!(ended.status.signal(), Some(number), "the exit status stays by signal");
        assert_stopped_by(&ended.run(), name);
    }
}

#[test]
fn a_training_that_listens_ends_its_loop_and_what_comes_after_finish_still_runs() {
    for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")] {
        let ended = Ended::after("listening", &[number]);
        assert_eq!(ended.status.signal(), Some(number), "the exit status stays by signal");
        assert_stopped_by(&ended.run(), name);
        assert_eq!(ended.run().series("after the loop").unwrap().len(), 1);
        assert!(ended.has("saved"));
    }
}

#[test]
fn a_program_that_goes_on_for_too_long_after_its_run_is_ended() {
    let ended = Ended::after("going on after the end", &[SIGINT]);
    assert_eq!(ended.status.signal(), Some(SIGINT));
    assert_stopped_by(&ended.run(), "SIGINT");
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let ended = Ended::after("listening once", &[SIGINT, SIGTERM]);
    assert_eq!(ended.status.signal(), Some(SIGTERM));
    assert_eq!(ended.run().state(), State::Crashed);
    assert!(!steps(&ended.run(), "loss").is_empty());
}

#[test]
fn a_terminal_that_closes_is_no_second_signal() {
    let store = tempfile::tempdir().unwrap();
    let child = start(command("training", "listening once", store.path()), store.path());
    for number in [SIGHUP, SIGHUP] {
        signal(&child, number);
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(only_run(store.path()).state(), State::Running);
    signal(&child, SIGINT);
    assert_eq!(wait(child).signal(), Some(SIGINT));
}

#[test]
fn the_process_ends_when_the_last_run_that_listens_has_ended() {
    let ended = Ended::after("two runs", &[SIGINT]);
    assert_eq!(ended.status.signal(), Some(SIGINT));
    assert!(ended.has("saved"));
    for name in ["listening", "deaf"] {
        assert_stopped_by(&run(ended.store.path(), name), "SIGINT");
    }
}

#[test]
fn a_run_that_starts_after_the_signal_is_asked_to_stop_too() {
    let ended = Ended::after("a sweep", &[SIGINT]);
    assert_eq!(ended.status.signal(), Some(SIGINT));
    assert!(ended.has("saved"));
    assert_stopped_by(&run(ended.store.path(), "listening"), "SIGINT");
    let later = run(ended.store.path(), "later");
    assert_stopped_by(&later, "SIGINT");
    assert_eq!(steps(&later, "loss"), [0], "it was asked before it began");
}

#[test]
fn signals_are_left_alone_on_request() {
    let ended = Ended::after("left alone", &[SIGTERM]);
    assert_eq!(ended.status.signal(), Some(SIGTERM));
    assert_eq!(ended.run().state(), State::Crashed);
}

#[test]
fn a_handler_of_the_programs_own_keeps_its_time_and_its_exit_status() {
    for library in ["signal-hook", "tokio", "sigaction"] {
        for when in ["before", "after"] {
            let ended = Ended::after(&format!("{library} {when}"), &[SIGTERM]);
            assert_eq!(ended.status.code(), Some(OWN_STATUS), "{library} {when}");
            assert!(ended.has("saved"), "{library} {when}");
            // Only who is told of the signal knows that the training was stopped.
            if when == "after" && library != "sigaction" {
                assert_stopped_by(&ended.run(), "SIGTERM");
            } else {
                assert_eq!(ended.run().state(), State::Finished, "{library} {when}");
            }
        }
    }
}

#[test]
fn a_program_that_exits_by_its_own_handler_without_finish_leaves_a_stopped_run() {
    let ended = Ended::after("signal-hook after, without finish", &[SIGTERM]);
    assert_eq!(ended.status.code(), Some(OWN_STATUS));
    assert_stopped_by(&ended.run(), "SIGTERM");
}

#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let store = tempfile::tempdir().unwrap();
    let child = command("training", "listening", store.path());
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(child.get_program());
    shell.args(child.get_args());
    shell.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = start(shell, store.path());
    signal(&child, SIGHUP);
    thread::sleep(Duration::from_millis(200));
    let seen = steps(&only_run(store.path()), "loss").len();
    wait_until(|| steps(&only_run(store.path()), "loss").len() > seen);
    signal(&child, SIGTERM);
    assert_eq!(wait(child).signal(), Some(SIGTERM));
    assert_stopped_by(&only_run(store.path()), "SIGTERM");
}

#[test]
#[cfg(target_os = "linux")]
fn the_first_process_of_a_container_exits_as_if_by_the_signal() {
    let store = tempfile::tempdir().unwrap();
    let child = command("training", "first process", store.path());
    let namespace = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child"];
    if !Command::new("unshare").args(namespace).arg("true").status().is_ok_and(|s| s.success()) {
        println!("this machine allows no namespaces");
        return;
    }
    let mut unshare = Command::new("unshare");
    unshare.args(namespace).arg(child.get_program()).args(child.get_args());
    unshare.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert_eq!(wait(unshare.spawn().unwrap()).code(), Some(128 + SIGTERM));
    assert_stopped_by(&only_run(store.path()), "SIGTERM");
}
