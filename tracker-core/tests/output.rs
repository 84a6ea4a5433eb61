//! What a process writes to its standard output and error stands in its run if that is wanted, and comes
//! to where it was meant to go all the same.
//!
//! Each test starts this test program again as the process that writes, see [`process`].

#![cfg(all(unix, not(feature = "portable")))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read, Write, stderr, stdout},
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::ExitStatusExt,
    },
    process::{self, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use common::{
    SIGINT, SIGKILL, SIGTERM, command, leave, on_its_way, only_run, run, signal, start, wait,
    wait_until,
};
use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcgetwinsize, tcsetwinsize},
};
use tracker_core::{
    Run, Tracker, init,
    progress::{Progress, ProgressMode},
    read::{MessageFilter, RunReader},
};

/// The process that writes, in the role that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Some(role) = common::role() else { return };
    // The test program has begun a line.
    println!();
    if role == "two runs" {
        return two_runs();
    }
    let run = begin("writes", true);
    match role.as_str() {
        "everybody" => {
            println!("first of stdout");
            eprintln!("first of stderr");
            rustix::io::write(stdout(), b"straight\n").unwrap();
            assert!(Command::new("echo").arg("of a child").status().unwrap().success());
            run.advance(tracker_core::Step(7));
            println!("at a step");
            print!("without an end");
            stdout().flush().unwrap();
            println!("\n{}", run.finish().unwrap());
            println!("after the end");
        }
        "in turns" => {
            for turn in 0..100 {
                println!("out {turn}");
                eprintln!("err {turn}");
            }
            run.finish().unwrap();
        }
        "much" => {
            let line = "x".repeat(99);
            (0..100_000).for_each(|number| println!("{number:05} {line}"));
            eprintln!("{}", run.finish().unwrap());
        }
        "bars" => bars(&run),
        "size" => follow_the_size(&run),
        "outlived by a child" => {
            let mut child = Command::new("sh");
            child.args(["-c", "read line; echo late && touch \"$TRACKER_DIR/lives\""]);
            let mut child = child.stdin(Stdio::piped()).spawn().unwrap();
            println!("early");
            let begun = Instant::now();
            run.finish().unwrap();
            assert!(begun.elapsed() < Duration::from_secs(5));
            child.stdin.take().unwrap().write_all(b"go\n").unwrap();
            assert!(child.wait().unwrap().success());
            // It comes out by the thread, which goes with the process.
            thread::sleep(Duration::from_millis(300));
        }
        "ended by a signal" => {
            print!("the last words");
            stdout().flush().unwrap();
            hear_signals();
            thread::sleep(Duration::from_mins(1));
        }
        "asked by a signal" => {
            let _ = run.requests();
            hear_signals();
            while run.requests().stop != tracker_core::Stop::Now {
                thread::sleep(Duration::from_millis(1));
            }
            println!("asked");
            run.finish().unwrap();
            println!("saved");
        }
        "killed" => {
            println!("long ago");
            thread::sleep(Duration::from_millis(500));
            on_its_way();
            thread::sleep(Duration::from_mins(1));
        }
        "exit" => {
            println!("the last line");
            process::exit(3);
        }
        "panic, and abort" => {
            let earlier = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                earlier(info);
                process::abort();
            }));
            panic!("words of a panic");
        }
        "nobody reads" => {
            on_its_way();
            wait_until(|| fs::exists(store().join("closed")).unwrap());
            (0..10).for_each(|number| println!("line {number}"));
            leave("written");
            run.finish().unwrap();
        }
        "nobody takes it" => {
            (0..1_000).for_each(|number| println!("{number:099}"));
            let begun = Instant::now();
            let report = run.finish().unwrap();
            assert!(begun.elapsed() < Duration::from_secs(5));
            let kinds: Vec<_> = report.problems().iter().map(|problem| &problem.kind).collect();
            assert_eq!(kinds, ["output-cut"]);
            leave("finished");
            thread::sleep(Duration::from_millis(300));
        }
        other => panic!("no role {other}"),
    }
}

fn store() -> std::path::PathBuf {
    std::env::var_os("TRACKER_DIR").unwrap().into()
}

fn begin(name: &str, captures: bool) -> Run {
    let builder = init("output").name(name).system_metrics(false);
    builder.capture_output(captures).start().unwrap()
}

/// Says that it is on its way once the thread hears signals that takes them: it needs a moment.
fn hear_signals() {
    thread::sleep(Duration::from_millis(200));
    on_its_way();
}

fn two_runs() {
    let deaf = begin("deaf", false);
    let first = begin("first", true);
    let second = begin("second", true);
    println!("to both");
    first.finish().unwrap();
    println!("to the second");
    second.finish().unwrap();
    println!("to nobody");
    let third = begin("third", true);
    println!("to the third");
    third.finish().unwrap();
    deaf.finish().unwrap();
}

/// A bar on a terminal, and a line above it.
fn bars(run: &Run) {
    assert!(stdout().is_terminal() && stderr().is_terminal());
    let size = tcgetwinsize(stdout()).unwrap();
    assert_eq!((size.ws_row, size.ws_col), (33, 111));
    let progress = Progress::new(ProgressMode::Bar);
    progress.begin_epoch(1, Some(2));
    progress.begin_batches(Some(30));
    for batch in 0..30 {
        progress.batch();
        thread::sleep(Duration::from_millis(20));
        if batch == 15 {
            tracker_core::progress::suspend(|| println!("\x1b[32mhalfway\x1b[0m"));
        }
    }
    progress.end_epoch([("loss", 0.5, tracker_core::Definition::new())]);
    drop(progress);
    println!("after the bar");
    run.finish().unwrap();
}

fn follow_the_size(run: &Run) {
    on_its_way();
    wait_until(|| tcgetwinsize(stderr()).unwrap().ws_col == 77);
    println!("followed");
    run.finish().unwrap();
}

/// What a run has of its output: where it was written, and the text.
fn kept(run: &RunReader) -> Vec<(String, String)> {
    let all = run.messages(&MessageFilter::new().first().count(10_000)).unwrap();
    let of_output = all.messages.into_iter().filter(|message| message.source == "output");
    of_output.map(|message| (message.target, message.text)).collect()
}

fn texts(run: &RunReader) -> Vec<String> {
    kept(run).into_iter().map(|(_, text)| text).collect()
}

/// A terminal of 33 lines of 111 characters: who reads it, and what a program gets.
fn terminal() -> (File, OwnedFd) {
    let reader = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&reader).unwrap();
    unlockpt(&reader).unwrap();
    let name = ptsname(&reader, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let program = open(name, flags, Mode::empty()).unwrap();
    resize(&reader, 33, 111);
    (reader.into(), program)
}

fn resize(terminal: impl AsFd, rows: u16, columns: u16) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).unwrap();
}

/// Lets a role write to a terminal, and returns all that came there.
fn on_a_terminal(role: &str, store: &std::path::Path) -> String {
    let (reader, program) = terminal();
    let mut command = command("process", role, store);
    command.env("TERM", "xterm").stdout(program.try_clone().unwrap()).stderr(program);
    let child = command.spawn().unwrap();
    drop(command);
    let reading = thread::spawn(move || shown(reader));
    assert!(wait(child).success());
    reading.join().unwrap()
}

/// All that comes to a terminal until nobody has it open any more.
fn shown(mut reader: File) -> String {
    let (mut all, mut chunk) = (Vec::new(), [0; 4_096]);
    while let Ok(count @ 1..) = reader.read(&mut chunk) {
        all.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8(all).unwrap()
}

#[test]
fn what_everybody_writes_stands_in_the_run_and_comes_out_as_before() {
    let store = tempfile::tempdir().unwrap();
    let output = command("process", "everybody", store.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let run = only_run(store.path());
    let kept = kept(&run);
    let of = |stream: &str| -> Vec<_> {
        kept.iter().filter(|(target, _)| target == stream).map(|(_, text)| text.as_str()).collect()
    };
    let of_stdout = ["first of stdout", "straight", "of a child", "at a step", "without an end"];
    assert_eq!(of("stdout"), of_stdout);
    assert!(of("stderr").contains(&"first of stderr"), "{kept:?}");
    let steps = run.messages(&MessageFilter::new().search("at a step")).unwrap().messages;
    assert_eq!(steps[0].step.map(|step| step.0), Some(7));
    let out = String::from_utf8(output.stdout).unwrap();
    let expected = of_stdout.join("\n");
    assert!(out.contains(&expected), "{out}");
    assert!(out.contains("\nafter the end\n"), "{out}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("first of stderr\n"));
}

#[test]
fn lines_of_two_streams_that_go_to_one_file_keep_their_order() {
    let store = tempfile::tempdir().unwrap();
    let file = tempfile::tempfile().unwrap();
    let mut command = command("process", "in turns", store.path());
    command.stdout(file.try_clone().unwrap()).stderr(file.try_clone().unwrap());
    assert!(command.status().unwrap().success());
    let written = written(file);
    let expected: Vec<_> =
        (0..100).flat_map(|turn| [format!("out {turn}"), format!("err {turn}")]).collect();
    assert!(written.contains(&expected.join("\n")), "{written}");
    let kept = kept(&only_run(store.path()));
    assert!(kept.iter().all(|(target, _)| target == "stdout and stderr"));
    let texts: Vec<_> = kept.into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, expected);
}

fn written(mut file: File) -> String {
    io::Seek::rewind(&mut file).unwrap();
    io::read_to_string(file).unwrap()
}

#[test]
fn of_more_than_the_disk_takes_all_comes_out_and_what_is_not_kept_is_counted() {
    let store = tempfile::tempdir().unwrap();
    let output = command("process", "much", store.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let out = String::from_utf8(output.stdout).unwrap();
    let line = "x".repeat(99);
    assert_eq!(out.lines().filter(|text| text.ends_with(&line)).count(), 100_000);
    let run = only_run(store.path());
    let problems = &run.info().problems;
    let left_out: u64 = problems
        .iter()
        .filter(|problem| problem.kind.starts_with("messages-"))
        .map(|problem| problem.count)
        .sum();
    let (mut count, mut place) = (0, tracker_core::read::MessageCursor::default());
    loop {
        let filter = MessageFilter::new().search(&line).count(10_000).after(place);
        let page = run.messages(&filter).unwrap();
        count += page.messages.len() as u64;
        place = page.end;
        if !page.has_more {
            break;
        }
    }
    assert_eq!(count + left_out, 100_000, "{problems:?}");
}

#[test]
fn a_terminal_stays_one_and_of_a_bar_the_last_state_is_kept() {
    let store = tempfile::tempdir().unwrap();
    let shown = on_a_terminal("bars", store.path());
    assert!(shown.contains("▕") && shown.contains("\x1b[32mhalfway\x1b[0m\r\n"), "{shown}");
    let texts = texts(&only_run(store.path()));
    assert_eq!(texts[0], "halfway");
    assert!(texts[1].starts_with("epoch 1/2 · loss 0.5"), "{texts:?}");
    assert_eq!(texts[2..], ["after the bar"]);
}

#[test]
fn the_size_of_the_terminal_is_followed() {
    let store = tempfile::tempdir().unwrap();
    let (reader, program) = terminal();
    let mut command = command("process", "size", store.path());
    command.stdout(program.try_clone().unwrap()).stderr(program);
    let child = start(command, store.path());
    resize(&reader, 33, 77);
    let reading = thread::spawn(move || shown(reader));
    assert!(wait(child).success());
    assert!(reading.join().unwrap().contains("followed"));
}

#[test]
fn a_child_that_outlives_the_run_is_not_hurt_and_what_it_writes_comes_out() {
    let store = tempfile::tempdir().unwrap();
    let output = command("process", "outlived by a child", store.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(store.path().join("lives").exists());
    assert!(String::from_utf8(output.stdout).unwrap().contains("\nlate\n"));
    assert_eq!(texts(&only_run(store.path())), ["early"]);
}

#[test]
fn a_signal_takes_nothing_of_what_was_written() {
    for (role, number) in [("ended by a signal", SIGINT), ("ended by a signal", SIGTERM)] {
        let store = tempfile::tempdir().unwrap();
        let child = start(command("process", role, store.path()), store.path());
        signal(&child, number);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(number));
        assert!(String::from_utf8(output.stdout).unwrap().ends_with("the last words"));
        let texts = texts(&only_run(store.path()));
        assert!(texts.contains(&"the last words".to_owned()), "{texts:?}");
    }
}

#[test]
fn a_training_that_a_signal_asks_to_stop_is_shown_to_its_end() {
    let store = tempfile::tempdir().unwrap();
    let child = start(command("process", "asked by a signal", store.path()), store.path());
    signal(&child, SIGINT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.signal(), Some(SIGINT));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("asked\nsaved\n"), "{out}");
    let texts = texts(&only_run(store.path()));
    assert!(texts.contains(&"asked".to_owned()), "{texts:?}");
    assert!(!texts.contains(&"saved".to_owned()), "{texts:?}");
}

#[test]
fn what_a_killed_process_has_written_stands_in_its_run() {
    let store = tempfile::tempdir().unwrap();
    let child = start(command("process", "killed", store.path()), store.path());
    signal(&child, SIGKILL);
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("long ago\n"));
    assert_eq!(texts(&only_run(store.path())), ["long ago"]);
}

#[test]
fn an_exit_and_a_panic_that_aborts_take_nothing_from_the_terminal() {
    let store = tempfile::tempdir().unwrap();
    let output = command("process", "exit", store.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stdout).unwrap().contains("the last line\n"));

    let store = tempfile::tempdir().unwrap();
    let output = command("process", "panic, and abort", store.path()).output().unwrap();
    assert!(output.status.signal().is_some(), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("words of a panic"));
}

#[test]
fn a_reader_that_is_gone_ends_neither_the_training_nor_what_is_kept() {
    let store = tempfile::tempdir().unwrap();
    let mut child = start(command("process", "nobody reads", store.path()), store.path());
    drop(child.stdout.take());
    fs::write(store.path().join("closed"), "").unwrap();
    assert!(child.wait_with_output().is_ok());
    assert!(store.path().join("written").exists());
    let kept = texts(&only_run(store.path()));
    assert_eq!(kept.last().map(String::as_str), Some("line 9"), "{kept:?}");
}

#[test]
fn a_place_that_takes_nothing_holds_up_the_end_for_a_second_and_that_is_told() {
    let store = tempfile::tempdir().unwrap();
    let child = command("process", "nobody takes it", store.path()).spawn().unwrap();
    wait_until(|| store.path().join("finished").exists());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(out.lines().filter(|line| line.len() == 99).count(), 1_000);
    let kept = texts(&only_run(store.path()));
    let expected: Vec<_> = (0..1_000).map(|number| format!("{number:099}")).collect();
    assert!(!kept.is_empty() && expected.starts_with(&kept), "{}", kept.len());
}

#[test]
fn each_run_has_what_was_written_while_it_lived_and_wanted_it() {
    let store = tempfile::tempdir().unwrap();
    let output = command("process", "two runs", store.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let of_stdout = |name: &str| -> Vec<String> {
        let kept = kept(&run(store.path(), name)).into_iter();
        kept.filter(|(target, _)| target == "stdout").map(|(_, text)| text).collect()
    };
    assert_eq!(of_stdout("first"), ["to both"]);
    assert_eq!(of_stdout("second"), ["to both", "to the second"]);
    assert_eq!(of_stdout("third"), ["to the third"]);
    assert_eq!(of_stdout("deaf"), [""; 0]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("to nobody\n"));
}
