//! Runs as readers find them: while they train, by several processes, and in odd stores.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use proptest::prelude::*;
use tracker_core::{
    Run, RunId, State, Summary, init, metrics,
    read::{Cursor, RunReader, Store, WriterState},
};

fn start(store: &Path) -> Run {
    init("reads").dir(store).signals(false).start().unwrap()
}

fn store() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_cursor_gives_every_row_once_while_a_run_logs_and_seals() {
    // More than one log holds, so that some points are sealed while others are logged.
    const POINTS: u64 = 1_300_000;
    let store = store();
    let run = start(store.path());
    let reader = RunReader::open(run.path()).unwrap();
    let (mut cursor, mut next, mut looks) = (Cursor::default(), 0, 0);
    std::thread::scope(|scope| {
        let training = scope.spawn(|| {
            let loss = run.metric("loss");
            for step in 0..POINTS {
                loss.log(step, step as f64);
                if step % 4_096 == 0 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
        });
        loop {
            let is_over = training.is_finished();
            let tail = reader.tail(&mut cursor).unwrap();
            assert_eq!(tail.warnings, []);
            looks += 1;
            for row in tail.metrics.get("loss").into_iter().flatten() {
                assert_eq!((row.step.0, row.value), (next, next as f64));
                next += 1;
            }
            if is_over {
                break;
            }
        }
    });
    assert_eq!(next, POINTS, "also what is only in the ring is seen");
    assert!(looks > 10, "{looks}");
    run.finish().unwrap();
    assert!(reader.tail(&mut cursor).unwrap().metrics.is_empty());
    assert_eq!(reader.series("loss").unwrap().len() as u64, POINTS);
}

/// The run's summary from its parts alone, without any file that holds it.
fn summary_of_parts(run: &Run) -> BTreeMap<String, Summary> {
    fs::remove_file(run.path().join("summary-r0a1.json")).unwrap();
    let path = run.path().join("run.json");
    let mut file: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    file["summary_of"] = serde_json::json!([]);
    fs::write(&path, serde_json::to_vec(&file).unwrap()).unwrap();
    (*RunReader::open(run.path()).unwrap().summary().unwrap()).clone()
}

/// Summaries as texts, in which one NaN is as another.
fn shown(summaries: &BTreeMap<String, Summary>) -> Vec<String> {
    summaries.iter().map(|(name, summary)| format!("{name} {summary:?}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn writer_logs_and_parts_sum_up_alike(
        points in prop::collection::vec((0_usize..3, 0_u64..20, any::<f64>()), 1..200),
    ) {
        let store = store();
        let run = start(store.path());
        for (metric, step, value) in &points {
            run.log_at(*step, [(["a", "b/c", "d"][*metric], *value)]);
        }
        let live = RunReader::open(run.path()).unwrap().summary().unwrap();
        run.finish().unwrap();
        let written = RunReader::open(run.path()).unwrap().summary().unwrap();
        prop_assert_eq!(shown(&live), shown(&written));
        prop_assert_eq!(shown(&summary_of_parts(&run)), shown(&written));
    }
}

/// Every file and folder below, with what would tell a change.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let (path, meta) = entry.map(|entry| (entry.path(), entry.metadata().unwrap())).unwrap();
        if meta.is_dir() {
            found.extend(tree(&path));
        }
        found.insert(path, (meta.len(), meta.modified().unwrap()));
    }
    found
}

#[test]
fn reading_changes_nothing() {
    let folder = store();
    let run = start(folder.path());
    run.log(metrics! { "loss" => 1.0 });
    run.finish().unwrap();
    let before = tree(folder.path());
    let store = Store::open(folder.path()).unwrap();
    let listing = store.runs().unwrap();
    let read = &listing.runs[0];
    let mut cursor = Cursor::default();
    let tail = read.tail(&mut cursor).unwrap();
    let found = (read.state(), tail.metrics["loss"].len(), read.points().unwrap().series.len());
    assert_eq!(found, (State::Finished, 1, 1));
    assert_eq!(read.overview("loss", 0..=u64::MAX, 10).unwrap()[0].count, 1);
    assert_eq!(read.writers().unwrap()[0].state, WriterState::Sealed);
    read.events().unwrap();
    tracker_core::upkeep::examine(&store).unwrap();
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn part_of_a_curve_is_read_alone_and_in_short() {
    let store = store();
    let run = start(store.path());
    for step in 0..50_000_u64 {
        run.log_at(step, [("loss", step as f64)]);
    }
    run.finish().unwrap();
    let reader = RunReader::open(run.path()).unwrap();
    let rows = reader.series_in("loss", 100..=199).unwrap();
    assert_eq!(
        rows.iter().map(|row| row.step.0).collect::<Vec<_>>(),
        (100..200).collect::<Vec<_>>()
    );
    assert!(reader.series_in("loss", 60_000..=70_000).unwrap().is_empty());
    let buckets = reader.overview("loss", 0..=u64::MAX, 5).unwrap();
    assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 50_000);
    assert_eq!(buckets.last().unwrap().max, Some(49_999.0));
    for unknown in
        [reader.series_in("no", 0..=1).map(drop), reader.overview("no", 0..=1, 5).map(drop)]
    {
        assert!(unknown.unwrap_err().to_string().contains("it has loss"));
    }
}

#[test]
fn what_a_store_has_beside_whole_runs_is_told() {
    let folder = store();
    let run = start(folder.path());
    run.finish().unwrap();
    let id = run.id().to_string();
    let copy = folder.path().join("copied").join(&id);
    fs::create_dir_all(&copy).unwrap();
    for file in ["run.json", "events-r0a1.jsonl"] {
        fs::copy(run.path().join(file), copy.join(file)).unwrap();
    }
    let early = folder.path().join("reads/01KX3F2A000000000000000AAA");
    fs::create_dir_all(&early).unwrap();
    fs::write(early.join("events-r1a1.jsonl"), "").unwrap();
    fs::create_dir(folder.path().join("reads/notes")).unwrap();

    let store = Store::open(folder.path()).unwrap();
    let listing = store.runs().unwrap();
    let warnings = listing.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for told in ["hold the same run", "has no run.json yet", "notes: not a run's folder"] {
        assert!(warnings.contains(told), "{warnings}");
    }
    assert_eq!(listing.runs.len(), 3);
    let projects = store.projects().unwrap();
    let names: Vec<&str> = projects.iter().map(tracker_core::read::Project::name).collect();
    assert_eq!(names, ["copied", "reads"]);
    assert_eq!(store.project("copied").runs().unwrap().runs.len(), 1);
    assert!(store.project("unknown").runs().is_err());
    assert!(store.project("../reads").runs().is_err(), "a project is a folder of the store");
}

#[test]
fn a_run_that_changes_is_read_anew_by_a_store_that_knows_it() {
    let folder = store();
    let run = start(folder.path());
    let store = Store::open(folder.path()).unwrap();
    let state = || store.runs().unwrap().runs[0].state();
    assert_eq!((state(), state()), (State::Running, State::Running));
    run.log([("loss", 0.5)]);
    assert_eq!(store.runs().unwrap().runs[0].summary().unwrap()["loss"].count, 1);
    run.finish().unwrap();
    assert_eq!(state(), State::Finished);
    fs::remove_dir_all(run.path()).unwrap();
    assert!(store.runs().unwrap().runs.is_empty());
    assert!(run.id().to_string().parse::<RunId>().is_ok());
}

#[test]
fn a_run_is_found_by_its_id_without_a_look_at_the_others() {
    let folder = store();
    let run = start(folder.path());
    run.log([("loss", 0.5)]);
    // No listing of the store would pass this by in silence.
    fs::create_dir(run.path().with_file_name("no-run")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let found = store.run(run.id()).unwrap();
    assert_eq!((found.info().id.clone(), found.state()), (run.id().clone(), State::Running));
    run.finish().unwrap();
    assert_eq!(store.run(run.id()).unwrap().state(), State::Finished);
    assert_eq!(store.run(run.id()).unwrap().summary().unwrap()["loss"].count, 1);
    fs::remove_dir_all(run.path()).unwrap();
    let error = store.run(run.id()).unwrap_err();
    assert!(error.to_string().contains(run.id().as_str()) && error.hint().is_some(), "{error}");
}
