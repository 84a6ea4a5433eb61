//! Numbers of a training that people change while it goes on.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::float_cmp, reason = "values keep their bits")]

use std::{
    env,
    fs::File,
    io::Write,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tracker_core::{
    Knob, KnobChange, MemoryTracker, Run, RunBuilder, State, Step, Tracker, TrackerExt,
    control::SetKnobs,
    init,
    read::{RunReader, StoredEventKind},
};

#[path = "common/mod.rs"]
mod process;

const PATIENCE: Duration = Duration::from_secs(30);

fn store() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn builder(store: &tempfile::TempDir) -> RunBuilder {
    init("knobs").dir(store.path()).signals(false).code_changes(false).system_metrics(false)
}

fn start(store: &tempfile::TempDir) -> Run {
    builder(store).start().unwrap()
}

/// The run from outside, once its file tells of its knobs.
fn seen(run: &Run) -> RunReader {
    run.flush(PATIENCE).unwrap();
    let patience = Instant::now();
    loop {
        let reader = run.reader().unwrap();
        if !reader.info().knobs.is_empty() {
            return reader;
        }
        assert!(patience.elapsed() < PATIENCE, "no knobs");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Takes steps until a knob has this value: the first step that has it.
fn train_until(knob: &Knob, value: f64, first: u64) -> u64 {
    let patience = Instant::now();
    for step in first.. {
        if knob.at(step) == value {
            return step;
        }
        assert!(patience.elapsed() < PATIENCE, "no change was seen");
        thread::sleep(Duration::from_millis(2));
    }
    unreachable!()
}

/// Adds to `control.jsonl` what another program may write there.
fn append(run: &Run, text: &str) {
    let path = run.path().join("control.jsonl");
    let mut file = File::options().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn changes(run: &RunReader) -> Vec<(u64, String, f64)> {
    let told = |change: KnobChange| (change.from_step.0, change.name, change.value);
    run.knob_changes().unwrap().into_iter().map(|(_, change)| told(change)).collect()
}

fn count(run: &Run, kind: &str) -> u64 {
    run.status().problems.iter().find(|problem| problem.kind == kind).map_or(0, |one| one.count)
}

#[test]
fn a_change_begins_with_a_step_and_is_told() {
    let store = store();
    let run = start(&store);
    let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
    assert_eq!((lr.at(0), lr.name(), run.knob("lr", 1e-3).get()), (1e-3, "lr", 1e-3));
    SetKnobs::new().knob("lr", 5e-4).by("alice@host").send(&seen(&run)).unwrap();
    let patience = Instant::now();
    while patience.elapsed() < Duration::from_millis(1_200) {
        assert_eq!(lr.at(0), 1e-3, "a step has one value");
        thread::sleep(Duration::from_millis(50));
    }
    let step = train_until(&lr, 5e-4, 1);
    assert_eq!((step, lr.get(), run.knob("lr", 1e-3).get()), (1, 5e-4, 5e-4));
    run.finish().unwrap();
    let run = run.reader().unwrap();
    let [(_, change)] = &run.knob_changes().unwrap()[..] else { panic!("one change") };
    assert_eq!((change.by.as_str(), change.from_step, change.value), ("alice@host", Step(1), 5e-4));
    let points = run.series("knobs/lr").unwrap();
    let points: Vec<(u64, f64)> = points.iter().map(|row| (row.step.0, row.value)).collect();
    assert_eq!(points, [(0, 1e-3), (1, 5e-4)]);
    let known = &run.info().knobs["lr"];
    assert_eq!((known.default, known.value, known.since), (1e-3, 5e-4, Some(Step(1))));
    assert_eq!((known.least, known.most), (Some(1e-6), Some(0.1)));
    assert_eq!(run.info().problems, []);
}

#[test]
fn a_fork_goes_on_with_the_values_of_its_step() {
    let store = store();
    let run = builder(&store).name("parent").start().unwrap();
    let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
    SetKnobs::new().knob("lr", 5e-4).send(&seen(&run)).unwrap();
    let first = train_until(&lr, 5e-4, 1);
    SetKnobs::new().knob("lr", 2e-4).send(&seen(&run)).unwrap();
    let second = train_until(&lr, 2e-4, first + 1);
    run.log_at(second, [("train/loss", 0.1)]);
    run.finish().unwrap();
    for (step, value) in [(second, 2e-4), (second - 1, 5e-4), (first - 1, 1e-3)] {
        let fork = builder(&store).fork(format!("parent@{step}")).start().unwrap();
        let lr = fork.knob("lr", 1e-3).bounds(1e-6..=0.1);
        assert_eq!(lr.at(step + 1), value, "after step {step}");
        fork.log_at(step + 1, [("train/loss", 0.1)]);
        fork.finish().unwrap();
        let again = builder(&store).fork(format!("{}@{}", fork.id(), step + 1)).start().unwrap();
        assert_eq!(again.knob("lr", 1e-3).get(), value, "a fork of the fork");
        again.finish().unwrap();
    }
}

#[test]
fn steps_that_an_adapter_announces_or_log_calls_count_begin_changes_too() {
    let store = store();
    let announced = start(&store);
    let knob = announced.knob("a", 1.0);
    announced.advance(Step(7));
    SetKnobs::new().knob("a", 2.0).send(&seen(&announced)).unwrap();
    let patience = Instant::now();
    let mut step = 7;
    while knob.get() == 1.0 {
        assert!(patience.elapsed() < PATIENCE);
        announced.log([("loss", 0.5)]);
        assert_eq!(knob.get(), 1.0, "a log call within a step begins none");
        thread::sleep(Duration::from_millis(20));
        step += 1;
        announced.advance(Step(step));
    }
    announced.finish().unwrap();
    assert_eq!(changes(&announced.reader().unwrap()), [(step, "a".to_owned(), 2.0)]);

    let counted = start(&store);
    let knob = counted.knob("a", 1.0);
    counted.log([("loss", 0.5)]);
    SetKnobs::new().knob("a", 2.0).send(&seen(&counted)).unwrap();
    let mut step = 1;
    while knob.get() == 1.0 {
        counted.log([("loss", 0.5)]);
        step += 1;
        thread::sleep(Duration::from_millis(20));
    }
    counted.finish().unwrap();
    let counted = counted.reader().unwrap();
    assert_eq!(changes(&counted), [(step, "a".to_owned(), 2.0)]);
    let steps = counted.series("knobs/a").unwrap();
    assert_eq!(steps.iter().map(|row| row.step.0).collect::<Vec<_>>(), [0, step]);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let store = store();
    let run = start(&store);
    let _lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
    let reader = seen(&run);
    let error = |knobs: SetKnobs| knobs.send(&reader).unwrap_err().to_string();
    for value in [0.2, -1.0, f64::NAN, f64::INFINITY] {
        let text = error(SetKnobs::new().knob("lr", value));
        assert!(text.contains("invalid knob `lr`") && text.contains("hint: "), "{text}");
    }
    let text = error(SetKnobs::new().knob("lr", 1e-4).knob("momentum", 0.9));
    assert!(text.contains("`momentum`") && text.contains("hint: it has lr"), "{text}");
    assert!(!run.path().join("control.jsonl").exists());
    run.finish().unwrap();
    let error = SetKnobs::new().knob("lr", 1e-4).send(&run.reader().unwrap()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("is finished") && text.contains("hint: "), "{text}");
}

#[test]
fn hostile_lines_are_counted_and_change_nothing() {
    let store = store();
    let run = start(&store);
    let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
    let _ = lr.at(0);
    let line = |rest: &str| format!("{{\"time\":\"2026-01-01T00:00:00Z\",{rest}}}\n");
    let set = |knobs: &str| line(&format!("\"request\":\"set\",\"by\":\"eve\",\"knobs\":{knobs}"));
    let unreadable = [
        set("{\"lr\":NaN}"),
        set("{\"lr\":\"NaN\"}"),
        set("{\"lr\":1e400}"),
        set("{\"lr\":null}"),
        set("[]"),
        line("\"request\":\"apply\",\"by\":\"eve\",\"knobs\":{\"lr\":0.1}"),
        line("\"request\":\"apply\",\"by\":\"eve\",\"knobs\":{\"lr\":0.1},\"from_step\":-1"),
        "}{\u{0}\n".to_owned(),
    ];
    append(&run, &unreadable.concat());
    let huge = "x".repeat(50_000);
    append(&run, &set(&format!("{{\"{huge}\":1}}")));
    process::wait_until(|| count(&run, "knob-refused") == 1);
    append(&run, &set("{\"lr\":7,\"\\u001b[31m\":1,\"\":1}"));
    let apply = line("\"request\":\"apply\",\"by\":\"eve\",\"knobs\":{\"lr\":7},\"from_step\":3");
    append(&run, &apply);
    process::wait_until(|| count(&run, "knob-refused") == 5);
    let never = format!("\"from_step\":{}", u64::MAX);
    for part in 0..3 {
        let apply = line(&format!(
            "\"request\":\"apply\",\"by\":\"eve\",\"knobs\":{{\"lr\":0.0{}}},{never}",
            part + 1
        ));
        append(&run, &apply.repeat(400));
    }
    process::wait_until(|| count(&run, "knob-refused") > 5);
    for step in 1..100_u64 {
        assert_eq!(lr.at(step), 1e-3);
    }
    assert_eq!(count(&run, "request-not-understood"), unreadable.len() as u64);
    assert_eq!(lr.at(u64::MAX), 0.03, "the last word on a step");
    run.finish().unwrap();
    assert_eq!(changes(&run.reader().unwrap()), [(u64::MAX, "lr".to_owned(), 0.03)]);
}

#[test]
fn declarations_that_do_not_fit_are_counted_and_the_first_one_counts() {
    let store = store();
    let run = start(&store);
    let first = run.knob("lr", 1e-3).bounds(0.0..=1.0);
    let _ = first.clone().bounds(0.0..=1.0);
    let _ = run.knob("lr", 1e-3);
    assert_eq!(run.status().problems, []);
    assert_eq!((run.knob("lr", 0.5).get(), count(&run, "knob-declared-twice")), (1e-3, 1));
    let _ = first.clone().bounds(0.0..=0.5);
    let _ = first.bounds(5.0..=7.0);
    assert_eq!(count(&run, "knob-declared-twice"), 3);
    let beyond = run.knob("beyond", 5.0).bounds(0.0..=1.0);
    let nan = run.knob("nan", 5.0).bounds(f64::NAN..=1.0);
    assert_eq!((beyond.get(), nan.get(), count(&run, "knob-bounds")), (5.0, 5.0, 2));
    assert!(run.knob("none", f64::NAN).get().is_nan());
    assert_eq!(count(&run, "knob-default"), 1);
    let _ = run.knob("two\nlines", 1.0);
    assert_eq!(count(&run, "repaired-metric-name"), 1);
    for number in 0..300 {
        let knob = run.knob(&format!("many/{number}"), f64::from(number));
        assert_eq!(knob.at(0), f64::from(number));
    }
    assert_eq!(count(&run, "too-many-knobs"), 300 - 252);
    run.finish().unwrap();
    let stored = run.reader().unwrap();
    let knobs = &stored.info().knobs;
    assert_eq!(
        (knobs.len(), knobs["beyond"].least, knobs["beyond"].most),
        (256, Some(5.0), Some(5.0))
    );
    assert_eq!(run.knob("late", 2.0).bounds(0.0..=3.0).at(9), 2.0, "after the end");
}

#[test]
fn trackers_without_a_run_have_knobs_that_stay() {
    let memory = MemoryTracker::new();
    let knob = memory.knob("lr", 0.1).bounds(0.0..=1.0);
    assert_eq!((knob.get(), knob.at(1_u64)), (0.1, 0.1));
    let store = store();
    let run = start(&store);
    let both = tracker_core::Fanout::new([(&memory).into(), (&run).into()]);
    let _ = both.knob("lr", 0.1);
    assert!(seen(&run).info().knobs.contains_key("lr"), "that of the first run");
    run.finish().unwrap();
}

#[test]
fn a_change_that_comes_after_its_step_is_counted_and_begins_with_the_next() {
    let store = store();
    let run = start(&store);
    let lr = run.knob("lr", 1.0);
    let _ = lr.at(10);
    append(
        &run,
        "{\"time\":\"2026-01-01T00:00:00Z\",\"request\":\"apply\",\"by\":\"bob\",\
         \"knobs\":{\"lr\":2.0},\"from_step\":10}\n",
    );
    process::wait_until(|| count(&run, "knob-late") == 1);
    assert_eq!((lr.at(10), lr.at(11)), (1.0, 2.0));
    run.finish().unwrap();
    assert_eq!(changes(&run.reader().unwrap()), [(11, "lr".to_owned(), 2.0)]);
}

/// A run with changes at steps 10, 20 and 30.
fn changed(store: &tempfile::TempDir, name: &str) -> RunReader {
    let run = builder(store).name(name).start().unwrap();
    let lr = run.knob("lr", 1.0);
    let mut step = 0;
    for (at, value) in [(10, 2.0), (20, 3.0), (30, 4.0)] {
        let apply = format!(
            "{{\"time\":\"2026-01-01T00:00:00Z\",\"request\":\"apply\",\"by\":\"bob\",\
             \"knobs\":{{\"lr\":{value:?}}},\"from_step\":{at}}}\n\"seen\"\n"
        );
        let before = count(&run, "request-not-understood");
        append(&run, &apply);
        process::wait_until(|| count(&run, "request-not-understood") > before);
        while step <= at {
            let rate = lr.at(step);
            run.log_at(step, [("rate", rate)]);
            step += 1;
        }
    }
    run.finish().unwrap();
    run.reader().unwrap()
}

fn rates(run: &RunReader) -> Vec<(u64, f64)> {
    run.series("rate").unwrap().iter().map(|row| (row.step.0, row.value)).collect()
}

#[test]
fn a_resumed_run_goes_on_with_the_value_of_its_step() {
    let store = store();
    let first = changed(&store, "first");
    assert_eq!(changes(&first).len(), 3);
    let value_after = |step: Option<u64>| {
        let run = builder(&store).resume("first").start().unwrap();
        // Before and after the training says where it goes on.
        let early = run.knob("lr", 1.0);
        if let Some(step) = step {
            run.resume_after(step).unwrap();
        }
        assert_eq!(early.at(step.map_or(31, |step| step + 1)), early.get());
        run.finish().unwrap();
        early.get()
    };
    assert_eq!(value_after(None), 4.0);
    assert_eq!(value_after(Some(29)), 3.0);
    assert_eq!(value_after(None), 3.0, "what was taken back does not count");
    assert_eq!(value_after(Some(20)), 3.0);
    assert_eq!(value_after(Some(12)), 2.0);
    assert_eq!(value_after(Some(3)), 1.0);
    assert_eq!(changes(&process::run(store.path(), "first")), []);
}

#[test]
fn another_run_is_repeated_at_the_same_steps() {
    let store = store();
    let first = changed(&store, "first");
    let run = builder(&store).name("second").replay_knobs("first").start().unwrap();
    let lr = run.knob("lr", 1.0);
    for step in 0..=30_u64 {
        run.log_at(step, [("rate", lr.at(step))]);
    }
    run.finish().unwrap();
    let second = run.reader().unwrap();
    assert_eq!(rates(&second), rates(&first));
    assert_eq!(changes(&second), changes(&first));
    assert_eq!(second.knob_changes().unwrap()[0].1.by, "replay of first");

    // One that goes on in the middle, from the other's checkpoint.
    let run = builder(&store).replay_knobs("first").start().unwrap();
    let lr = run.knob("lr", 1.0);
    run.resume_after(15_u64).unwrap();
    assert_eq!((lr.at(16), lr.at(20)), (2.0, 3.0));
    run.finish().unwrap();

    let run = builder(&store).replay_knobs("first").start().unwrap();
    run.finish().unwrap();
    assert_eq!(count(&run, "replayed-knob-unknown"), 1, "it declares no knob");
}

#[test]
fn only_a_run_with_knobs_is_repeated() {
    let store = store();
    builder(&store).name("plain").start().unwrap().finish().unwrap();
    for (name, why) in [("nobody", "no run matches"), ("plain", "it has no knobs")] {
        let text = builder(&store).replay_knobs(name).start().unwrap_err().to_string();
        assert!(text.contains(why) && text.contains("hint: "), "{text}");
    }
}

/// The process that trains in the way that the environment asks for.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn actor() {
    let Some(role) = process::role() else { return };
    let run = match role.as_str() {
        "resumed" => init("knobs").resume("live").start().unwrap(),
        _ => init("knobs").name("live").start().unwrap(),
    };
    let lr = run.knob("lr", 1e-3).bounds(1e-6..=0.1);
    let first = if role == "resumed" { run.reader().unwrap().last_step().unwrap() } else { None };
    let first = first.map_or(0, |last| last.0 + 1);
    if first > 0 {
        run.resume_after(first - 1).unwrap();
    }
    for step in first.. {
        let rate = lr.at(step);
        let name = if run.rank() == 0 { "rate" } else { "other rate" };
        run.log_at(step, [(name, rate)]);
        if step == 5 || first > 0 {
            process::on_its_way();
        }
        if role != "killed" && rate == 2e-4 {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    run.finish().unwrap();
}

fn set(store: &Path, value: f64) {
    process::wait_until(|| {
        let run = process::run(store, "live");
        run.info().knobs.get("lr").is_some_and(|knob| knob.most.is_some())
    });
    SetKnobs::new().knob("lr", value).send(&process::run(store, "live")).unwrap();
}

#[test]
fn a_killed_training_goes_on_with_the_value_that_it_had() {
    let store = store();
    let store = store.path();
    let mut child = process::start(process::command("actor", "killed", store), store);
    set(store, 5e-3);
    process::wait_until(|| changes(&process::only_run(store)).len() == 1);
    thread::sleep(Duration::from_millis(200));
    process::signal(&child, process::SIGKILL);
    child.wait().unwrap();
    let killed = process::only_run(store);
    assert_eq!(killed.state(), State::Crashed);
    let [(from, _, _)] = changes(&killed)[..] else { panic!("one change") };
    let last = killed.series("rate").unwrap().last().unwrap().step.0;
    assert!(last >= from);

    let child = process::start(process::command("actor", "resumed", store), store);
    set(store, 2e-4);
    assert!(process::wait(child).success());
    let run = process::only_run(store);
    let changes = changes(&run);
    let [_, (until, _, _)] = changes[..] else { panic!("{changes:?}") };
    for (step, rate) in rates(&run) {
        let expected = match step {
            step if step < from => 1e-3,
            step if step < until => 5e-3,
            _ => 2e-4,
        };
        assert_eq!(rate, expected, "at step {step}");
    }
}

#[test]
fn two_ranks_change_at_the_same_step() {
    let store = store();
    let store = store.path();
    let rank = |rank: &str| {
        let mut command = process::command("actor", "rank", store);
        command.env("TRACKER_RUN_ID", "01J00000000000000000000000").env("TRACKER_RANK", rank);
        command
    };
    let first = process::start(rank("0"), store);
    let second = rank("1").spawn().unwrap();
    process::wait_until(|| {
        let run = process::only_run(store);
        run.series("other rate").is_ok_and(|rows| rows.len() > 5)
    });
    set(store, 2e-4);
    assert!(process::wait(first).success());
    assert!(process::wait(second).success());
    let run = process::only_run(store);
    let told: Vec<KnobChange> = run
        .events()
        .unwrap()
        .into_iter()
        .filter_map(|event| match event.kind {
            StoredEventKind::Knob(change) => Some(change),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 2, "each rank tells it");
    assert_eq!(told[0], told[1]);
    assert_eq!(changes(&run).len(), 1);
    let last = |metric: &str| run.series(metric).unwrap().last().map(|row| (row.step, row.value));
    assert_eq!(last("rate"), Some((told[0].from_step, 2e-4)));
    assert_eq!(last("other rate"), last("rate"));
    assert_eq!(run.info().problems, [], "{}", env::consts::OS);
}
