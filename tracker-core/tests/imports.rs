//! Runs that trained elsewhere come into the store exactly, and whatever cuts an import off, the store is whole.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Map, Value, json};
use tracker_core::{
    Definition, Event, Histogram, Image, Media, Outcome, State, Step, Timestamp,
    import::{Arrival, Import, Imported, Importing, leftovers},
    init,
    read::{Edit, RunReader, Store, StoredEventKind},
    upkeep,
};

const ORIGIN: &str = "wandb/acme/mnist/3xk2";
const START: i64 = 1_600_000_000_000_000;
const FOLDER: &str = "TRACKER_TEST_IMPORT_INTO";

fn import(root: &Path) -> Import {
    Import::new("mnist", ORIGIN).name("wide").dir(root).tool("W&B").from("wandb/run-3xk2.wandb")
}

/// A run of so many points, each a second after the one before.
fn filled(import: Import, points: u64) -> Importing {
    let mut run = import.start().unwrap();
    for step in 0..points {
        let time = Timestamp(START + step.cast_signed() * 1_000_000);
        run.point("loss", Step(step), time, 1.0 / (step + 1) as f64).unwrap();
    }
    run
}

fn imported(root: &Path, points: u64) -> Imported {
    filled(import(root), points).finish(Outcome::Finished, None).unwrap()
}

fn open(run: &Imported) -> RunReader {
    RunReader::open(&run.path).unwrap()
}

fn runs(root: &Path) -> Vec<RunReader> {
    let listing = Store::open(root).unwrap().runs().unwrap();
    assert!(listing.warnings.is_empty(), "{:?}", listing.warnings);
    listing.runs
}

fn hidden(root: &Path) -> usize {
    fs::read_dir(root.join(".importing")).map_or(0, Iterator::count)
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[test]
fn points_keep_their_steps_times_and_bits() {
    let store = tempfile::tempdir().unwrap();
    let values = [
        (0, START, 0.5),
        (u64::MAX, i64::MIN, f64::from_bits(0x7ff8_0000_dead_beef)),
        (7, i64::MAX, f64::NEG_INFINITY),
        (7, 0, -0.0),
        (3, START + 1, f64::from_bits(1)),
    ];
    let mut run = import(store.path()).start().unwrap();
    for (step, time, value) in values {
        run.point("loss", Step(step), Timestamp(time), value).unwrap();
        run.point("two\nlines", Step(step), Timestamp(time), value).unwrap();
    }
    let done = run.finish(Outcome::Finished, None).unwrap();
    assert_eq!((done.arrival, done.points), (Arrival::New, 10));
    assert_eq!(done.renamed.values().collect::<Vec<_>>(), ["two_lines"]);
    let mut expected = values.map(|(step, time, value)| (step, time, value.to_bits()));
    expected.sort_by_key(|(step, ..)| *step);
    for metric in ["loss", "two_lines"] {
        let rows = open(&done).series(metric).unwrap();
        let read: Vec<_> = rows.iter().map(|r| (r.step.0, r.time.0, r.value.to_bits())).collect();
        assert_eq!(read, expected);
    }
    assert_eq!(open(&done).summary().unwrap()["loss"].count, 5);
}

#[test]
fn a_run_says_what_the_other_tool_said_of_it_and_nothing_of_this_machine() {
    let store = tempfile::tempdir().unwrap();
    let config = object(json!({ "lr": 0.1, "layers": [1, 2] }));
    let run = import(store.path())
        .group("sweep")
        .notes("why")
        .tags(["a", "b", "a", "two\nlines", " "])
        .config(config.clone())
        .about("machine", object(json!({ "host": "gpu7" })))
        .started_at(Timestamp(START));
    let outcome = Outcome::Failed("out of memory".into());
    let done = filled(run, 3).finish(outcome, Some(Timestamp(START + 9_000_000))).unwrap();
    let read = open(&done);
    let info = read.info();
    assert_eq!((&*info.name, &*info.project), ("wide", "mnist"));
    assert_eq!((info.group.as_deref(), info.notes.as_deref()), (Some("sweep"), Some("why")));
    assert_eq!(info.tags, ["a", "b", "two lines"]);
    assert_eq!((&info.config, info.started_at), (&config, Timestamp(START)));
    assert_eq!(info.finished_at, Some(Timestamp(START + 9_000_000)));
    assert_eq!((read.state(), info.message.as_deref()), (State::Failed, Some("out of memory")));
    assert_eq!(info.about["machine"]["host"], "gpu7");
    let from = &info.about["imported"];
    assert_eq!(from["origin"], ORIGIN);
    assert_eq!((&from["tool"], &from["from"]), (&json!("W&B"), &json!("wandb/run-3xk2.wandb")));
    assert_eq!((&*info.provenance.host, info.provenance.pid), ("", 0));
    assert_eq!(info.id.started_at(), Timestamp(START));
    assert!(read.code().unwrap().is_none() && read.packages().unwrap().is_none());
}

#[test]
fn events_keep_their_times_and_media_their_bytes() {
    let store = tempfile::tempdir().unwrap();
    let mut run = import(store.path()).start().unwrap();
    let picture = Image::rgb8(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
    let (step, histogram) = (Step(4), Histogram::new(0.0, 1.0, vec![1, 2]));
    let definition = Definition::new().lower_is_better();
    for (second, event) in [
        Event::Define { metric: "loss".into(), definition },
        Event::Text { name: "sample".into(), step, text: "héllo".into() },
        Event::Histogram { name: "weights".into(), step, histogram },
        Event::Media { name: "digits".into(), step, items: vec![Media::Image(picture)] },
        Event::About { topic: "model".into(), facts: object(json!({ "parameters": 7 })) },
        Event::Text { name: "long".into(), step, text: "x".repeat(9 << 20) },
    ]
    .into_iter()
    .enumerate()
    {
        run.record(Timestamp(START + second as i64), event).unwrap();
    }
    run.point("loss", Step(0), Timestamp(START), 0.5).unwrap();
    run.point("loss", Step(1), Timestamp(START), 0.7).unwrap();
    let done = run.finish(Outcome::Finished, None).unwrap();
    assert_eq!(done.events, 3);
    assert_eq!(done.problems.iter().map(|p| &*p.kind).collect::<Vec<_>>(), ["event-too-long"]);
    let read = open(&done);
    assert_eq!(read.summary().unwrap()["loss"].best, Some(0.5));
    assert_eq!(read.info().about["model"]["parameters"], 7);
    let events = read.events().unwrap();
    let times: Vec<i64> = events.iter().map(|event| event.time.0 - START).collect();
    assert_eq!(times, [1, 2, 3]);
    let StoredEventKind::Media { items, .. } = &events[2].kind else { panic!("{events:?}") };
    let file = items[0].file().unwrap();
    assert!(read.media_file(file.sha256.as_str()).is_ok());
}

#[test]
fn times_that_no_text_can_tell_do_not_make_a_run_unreadable() {
    let store = tempfile::tempdir().unwrap();
    let mut run = import(store.path()).start().unwrap();
    let text = Event::Text { name: "a".into(), step: Step(0), text: "b".into() };
    run.record(Timestamp(i64::MIN), text).unwrap();
    run.point("loss", Step(0), Timestamp(i64::MAX), 1.0).unwrap();
    let done = run.finish(Outcome::Finished, Some(Timestamp(i64::MAX))).unwrap();
    assert_eq!(open(&done).events().unwrap().len(), 1);
    assert_eq!(open(&done).series("loss").unwrap()[0].time, Timestamp(i64::MAX));
}

#[test]
fn more_points_than_a_part_holds_are_all_there() {
    let store = tempfile::tempdir().unwrap();
    let mut run = import(store.path()).start().unwrap();
    let (metrics, points) = (7, 2_200_000_u64);
    for n in 0..points {
        let metric = format!("m{}", n % metrics + n / 1_500_000);
        run.point(&metric, Step(n), Timestamp(START), n as f64).unwrap();
    }
    let done = run.finish(Outcome::Finished, None).unwrap();
    let read = open(&done);
    assert_eq!(read.summary().unwrap().values().map(|sum| sum.count).sum::<u64>(), points);
    let mut stream = read.stream().unwrap();
    let mut sum = 0;
    for rows in stream.by_ref() {
        assert!(rows.rows.iter().all(|row| row.value == row.step.0 as f64));
        sum += rows.rows.iter().map(|row| row.step.0).sum::<u64>();
    }
    assert_eq!(sum, points * (points - 1) / 2);
}

#[test]
fn imported_again_it_is_there_already_wherever_it_was_moved() {
    let root = tempfile::tempdir().unwrap();
    let first = imported(root.path(), 10);
    let store = Store::open(root.path()).unwrap();
    let moved = upkeep::move_runs(&store, &[store.run(&first.id).unwrap()], "archive").unwrap();
    assert!(moved.refused.is_empty());
    let again = imported(root.path(), 10);
    assert_eq!((again.arrival, &again.id), (Arrival::AlreadyThere, &first.id));
    assert_eq!(again.project, "archive");
    assert_eq!((runs(root.path()).len(), hidden(root.path())), (1, 0));
}

#[test]
fn a_run_without_anything_in_it_is_there_already_too() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(imported(root.path(), 0).arrival, Arrival::New);
    assert_eq!(imported(root.path(), 0).arrival, Arrival::AlreadyThere);
}

#[test]
fn a_run_that_went_on_takes_the_place_of_its_earlier_import_with_what_people_did() {
    let root = tempfile::tempdir().unwrap();
    let first = imported(root.path(), 10);
    let edit = Edit::new().name("the good one").notes("look here").tags(["paper"]);
    open(&first).edit(&edit).unwrap();
    fs::write(first.path.join("files/plot.svg"), "mine").unwrap();
    let second = imported(root.path(), 20);
    assert_eq!((second.arrival, &second.id), (Arrival::Replaced, &first.id));
    assert_eq!(second.name, "the good one");
    let read = open(&second);
    assert_eq!(read.series("loss").unwrap().len(), 20);
    assert_eq!(read.info().tags, ["paper"]);
    assert_eq!(fs::read(second.path.join("files/plot.svg")).unwrap(), b"mine");
    assert_eq!((runs(root.path()).len(), hidden(root.path())), (1, 0));
    // The earlier one can still be had.
    let store = Store::open(root.path()).unwrap();
    upkeep::remove(&read).unwrap();
    let change = &upkeep::last_changes(&store, 1).unwrap()[0];
    upkeep::undo(&store, change).unwrap();
    assert_eq!(store.run(&first.id).unwrap().series("loss").unwrap().len(), 10);
}

#[test]
fn a_run_that_is_no_import_of_it_is_never_touched() {
    let root = tempfile::tempdir().unwrap();
    let first = imported(root.path(), 10);
    let file = first.path.join("run.json");
    let text = fs::read_to_string(&file).unwrap().replace(ORIGIN, "another");
    fs::write(&file, &text).unwrap();
    let error = import(root.path()).start().unwrap_err().to_string();
    assert!(error.contains("no import of it") && error.contains("hint: "), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn an_import_that_somebody_has_trained_on_is_never_touched() {
    let root = tempfile::tempdir().unwrap();
    let first = imported(root.path(), 10);
    let builder = init("mnist").dir(root.path()).resume(first.id.as_str());
    let run = builder.signals(false).code_changes(false).system_metrics(false).start().unwrap();
    run.log_at(10_u64, [("loss", 0.01)]);
    run.finish().unwrap();
    let error = import(root.path()).start().unwrap_err().to_string();
    assert!(error.contains("gone on training"), "{error}");
    assert_eq!(open(&first).series("loss").unwrap().len(), 11);
}

#[test]
fn an_import_that_is_given_up_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    drop(filled(import(root.path()), 100));
    assert_eq!((runs(root.path()).len(), hidden(root.path())), (0, 0));
}

/// The process that is killed in the middle of an import.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Some(root) = env::var_os(FOLDER) else { return };
    let run = filled(import(Path::new(&root)), 1_200_000);
    println!("half");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    drop(run);
}

fn in_the_middle(root: &Path) -> Child {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "process", "--ignored", "--nocapture"])
        .env(FOLDER, root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.ends_with("half")));
    child
}

#[test]
fn killed_in_the_middle_it_leaves_nothing_in_any_list_and_the_next_import_clears_up() {
    let root = tempfile::tempdir().unwrap();
    let earlier = imported(root.path(), 10);
    let mut child = in_the_middle(root.path());
    let store = Store::open(root.path()).unwrap();
    assert!(leftovers(&store).unwrap().is_empty(), "somebody writes it");
    let other = Import::new("mnist", "another").dir(root.path());
    filled(other, 1).finish(Outcome::Finished, None).unwrap();
    assert_eq!(hidden(root.path()), 1, "of a process that lives, nothing is taken away");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(open(&earlier).series("loss").unwrap().len(), 10);
    assert_eq!((runs(root.path()).len(), leftovers(&store).unwrap().len()), (2, 1));
    assert_eq!(imported(root.path(), 30).arrival, Arrival::Replaced);
    assert_eq!(hidden(root.path()), 0);
}

#[test]
fn what_a_killed_import_left_is_garbage() {
    let root = tempfile::tempdir().unwrap();
    let mut child = in_the_middle(root.path());
    child.kill().unwrap();
    child.wait().unwrap();
    for garbage in leftovers(&Store::open(root.path()).unwrap()).unwrap() {
        assert!(garbage.bytes() > 0);
        garbage.remove().unwrap();
    }
    assert_eq!((runs(root.path()).len(), hidden(root.path())), (0, 0));
}

/// As if the process were killed between the two renames by which one run takes the place of another.
#[test]
fn killed_while_it_takes_the_place_of_an_earlier_one_the_next_import_gives_it_its_place() {
    let root = tempfile::tempdir().unwrap();
    let whole = imported(root.path(), 20);
    let entry = root.path().join(".importing/01J00000000000000000000000");
    fs::create_dir_all(&entry).unwrap();
    fs::rename(&whole.path, entry.join(whole.id.as_str())).unwrap();
    let mark = json!({ "run": whole.id.as_str(), "project": "archive" });
    fs::write(entry.join("whole.json"), mark.to_string()).unwrap();
    assert!(leftovers(&Store::open(root.path()).unwrap()).unwrap().is_empty());
    let again = imported(root.path(), 20);
    assert_eq!((again.arrival, &*again.project), (Arrival::AlreadyThere, "archive"));
    assert_eq!((runs(root.path()).len(), hidden(root.path())), (1, 0));
}
