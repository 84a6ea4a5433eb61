//! What the program says stands in its runs: by the `log` crate, by `tracing`, by panics.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::Write,
    panic,
    process::Stdio,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use common::{SIGKILL, command, only_run, signal, start, wait, wait_until};
use tracing_subscriber::prelude::*;
use tracker_core::{
    Event, Level, Run, Step, Tracker, init, messages,
    read::{MessageCursor, MessageFilter, RunReader, Store, StoredMessage},
};

/// Counts what a logger beside tracker's own hears.
struct Counting;

static HEARD: AtomicUsize = AtomicUsize::new(0);

impl log::Log for Counting {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _: &log::Record<'_>) {
        HEARD.fetch_add(1, Ordering::Relaxed);
    }

    fn flush(&self) {}
}

/// Sets what a program sets once. All tests of this file hear each other, so each has words of its own.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        messages::logger().level(Level::Debug).and(Counting).install().unwrap();
        let subscriber = tracing_subscriber::registry().with(messages::layer());
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

fn begin(store: &tempfile::TempDir) -> Run {
    init("messages").dir(store.path()).system_metrics(false).start().unwrap()
}

fn found(run: &RunReader, words: &str) -> Vec<StoredMessage> {
    run.messages(&MessageFilter::new().search(words).count(10_000)).unwrap().messages
}

fn after_finish(run: &Run, store: &tempfile::TempDir) -> RunReader {
    run.finish().unwrap();
    Store::open(store.path()).unwrap().find(run.id().as_str()).unwrap()
}

#[test]
fn what_the_log_crate_is_told_stands_in_all_living_runs_and_on_the_terminal() {
    listen();
    let stores = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let runs = stores.each_ref().map(begin);
    runs[1].advance(Step(7));
    let before = HEARD.load(Ordering::Relaxed);
    log::warn!(target: "data", "apple {} is bad", 3);
    log::trace!("apple 4 is too small to tell");
    assert!(HEARD.load(Ordering::Relaxed) > before);
    for (number, (run, store)) in runs.iter().zip(&stores).enumerate() {
        let messages = found(&after_finish(run, store), "APPLE");
        let [message] = &*messages else { panic!("{messages:?}") };
        assert_eq!(
            (message.level, &*message.source, &*message.target),
            (Level::Warning, "log", "data")
        );
        assert_eq!(message.text, "apple 3 is bad");
        assert_eq!(message.step, (number == 1).then_some(Step(7)));
    }
    log::warn!("apple 5 is nobody's");
    let run = Store::open(stores[0].path()).unwrap().find("@latest").unwrap();
    assert_eq!(found(&run, "apple").len(), 1);
}

#[test]
fn an_event_of_tracing_has_its_fields_and_those_of_its_spans() {
    listen();
    let store = tempfile::tempdir().unwrap();
    let run = begin(&store);
    let outer = tracing::info_span!("train", epoch = 3, later = tracing::field::Empty);
    let _outer = outer.enter();
    outer.record("later", "known");
    tracing::info_span!("batch").in_scope(|| {
        tracing::error!(loss = f64::NAN, count = 5, name = "x", what = ?[1, 2], "guava is rotten");
    });
    tracing::debug!("guava is too small to tell");
    let messages = found(&after_finish(&run, &store), "guava");
    let [message] = &*messages else { panic!("{messages:?}") };
    assert_eq!((message.level, &*message.source), (Level::Error, "tracing"));
    assert_eq!((&*message.text, &*message.target), ("guava is rotten", "messages"));
    let fields = serde_json::json!({
        "loss": "NaN", "count": 5, "name": "x", "what": "[1, 2]",
        "train.epoch": 3, "train.later": "known", "span": "train/batch",
    });
    assert_eq!(serde_json::Value::from(message.fields.clone()), fields);
}

#[test]
fn of_one_place_fifty_messages_a_second_are_kept_and_the_rest_is_counted() {
    listen();
    let store = tempfile::tempdir().unwrap();
    let run = begin(&store);
    for number in 0..5_000 {
        log::info!("cherry {number}");
    }
    let report = run.finish().unwrap();
    let problem = |kind: &str| report.problems().iter().find(|problem| problem.kind == kind);
    let left_out = problem("messages-repeated").unwrap().count;
    let kept = found(&only_run(store.path()), "cherry").len() as u64;
    assert!((50..=500).contains(&kept), "{kept}");
    assert!(left_out >= 5_000 - kept, "{left_out} and {kept}");
}

/// Says something itself when it is shown.
struct Talkative;

impl fmt::Display for Talkative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        log::info!("plum within: {Self}");
        f.write_str("plum")
    }
}

#[test]
fn what_is_logged_while_a_message_is_made_is_none() {
    listen();
    let store = tempfile::tempdir().unwrap();
    let run = begin(&store);
    // The other logger of this file shows nothing: only tracker's own shows the text.
    log::info!("{Talkative}");
    let texts: Vec<String> = found(&after_finish(&run, &store), "plum")
        .into_iter()
        .map(|message| message.text)
        .collect();
    assert_eq!(texts, ["plum"]);
}

#[test]
fn a_panic_is_a_message_with_its_place_and_a_backtrace_in_all_living_runs() {
    let stores = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let runs = stores.each_ref().map(begin);
    let panicking = || panic!("out of grapes");
    let thread = thread::Builder::new().name("grapes".into()).spawn(panicking).unwrap();
    thread.join().unwrap_err();
    for (run, store) in runs.iter().zip(&stores) {
        let messages = found(&after_finish(run, store), "out of grapes");
        let [message] = &*messages else { panic!("{messages:?}") };
        assert_eq!((message.level, &*message.source), (Level::Error, "panic"));
        assert_eq!(message.text, "out of grapes");
        let field = |name: &str| message.fields[name].as_str().unwrap().to_owned();
        assert_eq!(field("thread"), "grapes");
        assert!(field("place").contains("messages.rs:"), "{}", field("place"));
        assert!(field("backtrace").contains("messages::"), "{}", field("backtrace"));
    }
}

/// The process that is killed, forks or panics, as the environment asks.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn speaking() {
    let Some(role) = common::role() else { return };
    listen();
    let run = init("messages").start().unwrap();
    log::error!("quince before");
    match role.as_str() {
        "killed" => {
            wait_until(|| run.path().join("messages-r0a1.jsonl").exists());
            common::on_its_way();
            thread::sleep(Duration::from_mins(1));
        }
        "panicking" => {
            for number in 0..100 {
                let _ = panic::catch_unwind(|| panic!("out of mangoes {number}"));
            }
            run.finish().unwrap();
        }
        #[expect(unsafe_code, reason = "forks, to see that a child says nothing")]
        "forked" => {
            // SAFETY: the child logs, which takes no lock there, and leaves by `_exit`.
            let child = unsafe { libc::fork() };
            if child == 0 {
                log::error!("quince of a child");
                // SAFETY: ends the child at once.
                unsafe { libc::_exit(0) };
            }
            // SAFETY: waits for the child that was forked.
            unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
            run.finish().unwrap();
        }
        other => panic!("no role {other}"),
    }
}

#[test]
fn a_killed_process_keeps_what_it_has_said() {
    let store = tempfile::tempdir().unwrap();
    let child = start(command("speaking", "killed", store.path()), store.path());
    signal(&child, SIGKILL);
    wait(child);
    assert_eq!(found(&only_run(store.path()), "quince").len(), 1);
}

#[test]
fn a_forked_child_says_nothing_in_its_parents_run() {
    let store = tempfile::tempdir().unwrap();
    let child = command("speaking", "forked", store.path()).stderr(Stdio::null()).spawn().unwrap();
    assert!(wait(child).success());
    assert_eq!(found(&only_run(store.path()), "quince").len(), 1);
}

#[test]
fn a_hundred_panics_at_once_are_recorded_or_counted_some_of_them_without_a_backtrace() {
    let store = tempfile::tempdir().unwrap();
    let mut child = command("speaking", "panicking", store.path());
    assert!(wait(child.stderr(Stdio::null()).spawn().unwrap()).success());
    let run = only_run(store.path());
    let kept = found(&run, "out of mangoes");
    let with_backtrace = kept.iter().filter(|said| said.fields.contains_key("backtrace"));
    assert!((1..=kept.len()).contains(&with_backtrace.count()));
    let mut problems = run.info().problems.iter();
    let repeated = problems.find(|problem| problem.kind == "messages-repeated");
    assert_eq!(kept.len() as u64 + repeated.map_or(0, |problem| problem.count), 100);
}

#[test]
fn messages_that_somebody_removes_are_written_again_and_those_that_are_cut_are_missed() {
    listen();
    let store = tempfile::tempdir().unwrap();
    let run = begin(&store);
    let file = run.path().join("messages-r0a1.jsonl");
    log::info!("melon one");
    run.flush(Duration::from_secs(30)).unwrap();
    fs::remove_file(&file).unwrap();
    log::info!("melon two");
    run.flush(Duration::from_secs(30)).unwrap();
    assert_eq!(found(&run.reader().unwrap(), "melon").len(), 2);
    fs::write(&file, "").unwrap();
    let error = run.finish().unwrap_err().to_string();
    assert!(error.contains("(texts, messages, histograms, artifacts) are missing"), "{error}");
}

/// A run of which one attempt has these texts as messages.
fn run_with(store: &tempfile::TempDir, texts: impl Iterator<Item = String>) -> Run {
    let run = begin(store);
    let path = run.path().join("messages-r0a2.jsonl");
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    // Its claim: as if another attempt had been there.
    fs::write(run.path().join("events-r0a2.jsonl"), "").unwrap();
    for (number, text) in texts.enumerate() {
        let level = ["trace", "debug", "info", "warning", "error"][number % 5];
        let line = serde_json::json!({
            "time": format!("2026-01-01T00:{:02}:{:02}.000000Z", number / 60 % 60, number % 60),
            "step": number / 2, "level": level, "source": "log", "target": "fruit", "text": text,
        });
        writeln!(file, "{line}").unwrap();
    }
    run
}

fn texts(messages: &[StoredMessage]) -> Vec<&str> {
    messages.iter().map(|message| &*message.text).collect()
}

#[test]
fn pages_from_either_end_meet_each_message_once() {
    let store = tempfile::tempdir().unwrap();
    let all: Vec<String> = (0..1_000).map(|number| format!("yuzu {number}")).collect();
    let run = run_with(&store, all.iter().cloned());
    run.record(Event::Message { level: Level::Info, text: "yuzu of the run".into() });
    let reader = after_finish(&run, &store);
    let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
    all.push("yuzu of the run");

    let filter = MessageFilter::new().search("yuzu").count(137);
    let mut page = reader.messages(&filter).unwrap();
    let mut back = page.messages.clone();
    while page.has_more {
        page = reader.messages(&filter.clone().before(page.begin)).unwrap();
        back.splice(0..0, page.messages.clone());
    }
    assert_eq!(texts(&back), all);

    let (mut forth, mut place) = (Vec::new(), MessageCursor::default());
    loop {
        let page = reader.messages(&filter.clone().after(place)).unwrap();
        forth.extend(page.messages);
        place = page.end.to_string().parse().unwrap();
        if !page.has_more {
            break;
        }
    }
    assert_eq!(texts(&forth), all);
}

#[test]
fn a_filter_asks_for_levels_words_and_steps() {
    let store = tempfile::tempdir().unwrap();
    let run = run_with(&store, (0..100).map(|number| format!("Kiwi {number}")));
    let reader = after_finish(&run, &store);
    let asked = |filter: MessageFilter| {
        let page = reader.messages(&filter.search("kiwi").count(1_000)).unwrap();
        page.messages.into_iter().map(|message| message.text).collect::<Vec<_>>()
    };
    assert_eq!(asked(MessageFilter::new()).len(), 100);
    assert_eq!(asked(MessageFilter::new().level(Level::Error)).len(), 20);
    assert_eq!(
        asked(MessageFilter::new().steps(10..=11)),
        ["Kiwi 20", "Kiwi 21", "Kiwi 22", "Kiwi 23"]
    );
    assert_eq!(asked(MessageFilter::new().steps(10..=11).level(Level::Warning)), ["Kiwi 23"]);
    let first = reader.messages(&MessageFilter::new().search("FRUIT").first().count(2)).unwrap();
    assert_eq!(texts(&first.messages), ["Kiwi 0", "Kiwi 1"]);
}

#[test]
fn what_comes_while_somebody_follows_is_behind_the_place() {
    let store = tempfile::tempdir().unwrap();
    let run = begin(&store);
    let say = |text: &str| {
        run.record(Event::Message { level: Level::Info, text: text.into() });
        run.flush(Duration::from_secs(30)).unwrap();
    };
    say("papaya one");
    let reader = run.reader().unwrap();
    let filter = MessageFilter::new().search("papaya");
    let page = reader.messages(&filter).unwrap();
    assert_eq!(texts(&page.messages), ["papaya one"]);
    let nothing = reader.messages(&filter.clone().after(page.end)).unwrap();
    assert!(nothing.messages.is_empty() && !nothing.has_more);
    say("papaya two");
    let page = reader.messages(&filter.after(nothing.end)).unwrap();
    assert_eq!(texts(&page.messages), ["papaya two"]);
    run.finish().unwrap();
}

#[test]
fn lines_that_cannot_be_read_cost_themselves_and_a_warning() {
    let store = tempfile::tempdir().unwrap();
    let run = run_with(&store, ["durian first".to_owned()].into_iter());
    let path = run.path().join("messages-r0a2.jsonl");
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    let time = "\"time\":\"2026-01-01T00:00:01.000000Z\"";
    writeln!(file, "{{{time},\"level\":\"loud\",\"source\":\"log\",\"text\":\"durian\"}}").unwrap();
    writeln!(file, "{{{time},\"level\":\"info\"").unwrap();
    writeln!(file, "\u{0}\u{1}[1,2]").unwrap();
    file.write_all(&[0xff, 0xfe, b'\n']).unwrap();
    file.write_all(&vec![b'x'; 17 << 20]).unwrap();
    writeln!(file).unwrap();
    writeln!(
        file,
        "{{{time},\"level\":\"info\",\"source\":\"log\",\"text\":\"durian last\",\"new\":1}}"
    )
    .unwrap();
    write!(file, "{{{time},\"level\":\"info\",\"sou").unwrap();
    let reader = after_finish(&run, &store);
    let filter = MessageFilter::new().search("durian");
    assert_eq!(texts(&reader.messages(&filter).unwrap().messages), ["durian first", "durian last"]);
    let first = filter.clone().first();
    assert_eq!(texts(&reader.messages(&first).unwrap().messages), ["durian first", "durian last"]);
    let warnings: Vec<String> = reader.warnings().iter().map(ToString::to_string).collect();
    let [warning] = &*warnings else { panic!("{warnings:?}") };
    assert!(warning.contains("messages-r0a2.jsonl cannot be read"), "{warning}");
    // A place of another run, or of none, is no trouble.
    let strange: MessageCursor = "r0a2.m999999999-r7a7.e5".parse().unwrap();
    assert_eq!(reader.messages(&filter.clone().before(strange)).unwrap().messages.len(), 2);
    let within: MessageCursor = "r0a2.m20".parse().unwrap();
    assert!(reader.messages(&filter.before(within)).unwrap().messages.is_empty());
}
