//! A run from its first call to what a reader finds.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs};

use serde::Serialize;
use tracker_core::{
    Definition, Error, Outcome, Run, RunBuilder, State, Tracker, init, metrics,
    read::{RunReader, Store},
};

fn start(store: &tempfile::TempDir) -> Run {
    // A test that counts points logs none of the machine.
    init("mnist").dir(store.path()).system_metrics(false).start().unwrap()
}

fn store() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn read(run: &Run) -> RunReader {
    RunReader::open(run.path()).unwrap()
}

fn values(run: &Run, metric: &str) -> Vec<(u64, f64)> {
    let rows = read(run).series(metric).unwrap();
    rows.iter().map(|row| (row.step.0, row.value)).collect()
}

#[test]
fn what_was_logged_is_read_back_after_the_end() {
    let store = store();
    let run = start(&store);
    for epoch in 0..5_u32 {
        run.log(metrics! { "train/loss" => 1.0 / f64::from(epoch + 1), "epoch" => epoch });
    }
    let report = run.finish().unwrap();
    assert_eq!(report.points(), 10);
    assert_eq!(values(&run, "epoch"), (0..5).map(|n| (n, n as f64)).collect::<Vec<_>>());
    assert_eq!(report.summary("train/loss").unwrap().last, 0.2);
    assert!(!run.path().join("live").exists(), "nothing is left in the live folder");
    let parts = fs::read_dir(run.path().join("scalars")).unwrap();
    assert_eq!(parts.count(), 1, "all points are sealed");
}

#[test]
fn a_live_run_is_read_while_it_trains() {
    let store = store();
    let run = start(&store);
    run.log_at(7, metrics! { "loss" => 0.5 });
    run.flush(std::time::Duration::from_secs(10)).unwrap();
    assert_eq!(values(&run, "loss"), [(7, 0.5)]);
    assert_eq!(read(&run).state(), State::Running);
    assert_eq!(read(&run).summary().unwrap()["loss"].count, 1);
    run.finish().unwrap();
    assert_eq!(read(&run).state(), State::Finished);
}

#[test]
fn numbers_of_all_types_mix_in_one_call() {
    let store = store();
    let run = start(&store);
    let name = String::from("owned");
    run.log(metrics! {
        "f32" => 0.1_f32, "f64" => 0.1_f64, "i32" => -3, "u64" => u64::MAX, "usize" => 4_usize,
        "bool" => true, "reference" => &2.5, name => 1_u8,
    });
    run.finish().unwrap();
    assert_eq!(values(&run, "f32"), [(0, f64::from(0.1_f32))]);
    assert_eq!(values(&run, "f64"), [(0, 0.1)]);
    assert_eq!(values(&run, "i32"), [(0, -3.0)]);
    assert_eq!(values(&run, "bool"), [(0, 1.0)]);
    assert_eq!(values(&run, "reference"), [(0, 2.5)]);
    assert_eq!(values(&run, "owned"), [(0, 1.0)]);
}

#[test]
fn arrays_vectors_maps_and_structs_are_logged() {
    #[derive(Serialize)]
    struct Epoch {
        train: Losses,
        accuracy: Option<f32>,
        skipped: Option<f32>,
        note: &'static str,
    }
    #[derive(Serialize)]
    struct Losses {
        loss: f64,
    }
    let store = store();
    let run = start(&store);
    run.log([("array", 1.0), ("other", 2.0)]);
    run.log(vec![(String::from("vector"), 1)]);
    run.log(BTreeMap::from([("map", 1.5_f32)]));
    run.log(&Epoch { train: Losses { loss: 0.25 }, accuracy: Some(0.5), skipped: None, note: "x" });
    let report = run.finish().unwrap();
    assert_eq!(values(&run, "train/loss"), [(3, 0.25)]);
    assert_eq!(values(&run, "accuracy"), [(3, 0.5)]);
    assert_eq!(
        read(&run).metrics().unwrap(),
        ["accuracy", "array", "map", "other", "train/loss", "vector"]
    );
    let kinds: Vec<&str> = report.problems().iter().map(|problem| &*problem.kind).collect();
    assert_eq!(kinds, ["not-a-number"], "the text field is counted, the missing value is not");
}

#[test]
fn a_bare_number_by_reference_is_counted_with_a_hint() {
    let store = store();
    let run = start(&store);
    run.log(&0.5);
    run.log(&0.6);
    let report = run.finish().unwrap();
    let problem = &report.problems()[0];
    assert_eq!((problem.kind.as_str(), problem.count), ("value-without-name", 2));
    assert!(problem.hint.contains("metrics!"), "{}", problem.hint);
}

#[test]
fn many_steps_go_into_one_call() {
    let store = store();
    let run = start(&store);
    let losses = [0.9, 0.5, 0.3];
    run.log_epochs(losses.into_iter().map(|loss| metrics! { "loss" => loss }).enumerate());
    run.finish().unwrap();
    assert_eq!(values(&run, "loss"), [(0, 0.9), (1, 0.5), (2, 0.3)]);
}

#[test]
fn an_announced_step_is_used_by_log() {
    let store = store();
    let run = start(&store);
    run.log([("a", 1.0)]);
    run.advance(40.into());
    run.log([("a", 2.0)]);
    run.log([("a", 3.0)]);
    run.finish().unwrap();
    assert_eq!(values(&run, "a"), [(0, 1.0), (40, 2.0), (40, 3.0)]);
}

#[test]
fn config_definitions_and_words_are_kept() {
    #[derive(Serialize)]
    struct Config {
        lr: f32,
        layers: Vec<u32>,
    }
    let store = store();
    let run = init("mnist")
        .dir(store.path())
        .name("baseline")
        .config(&Config { lr: 0.001, layers: vec![64, 32] })
        .tags(["cnn", "first"])
        .notes("the first try")
        .group("seeds")
        .start()
        .unwrap();
    run.define("accuracy", Definition::new().unit("%"));
    run.define("accuracy", Definition::new().higher_is_better());
    run.log_epochs([(0, [("accuracy", 0.9)]), (1, [("accuracy", 0.7)])]);
    run.finish().unwrap();
    let read = read(&run);
    let info = read.info();
    assert_eq!((info.name.as_str(), info.project.as_str()), ("baseline", "mnist"));
    assert_eq!(info.tags, ["cnn", "first"]);
    assert_eq!(info.notes.as_deref(), Some("the first try"));
    assert_eq!(info.group.as_deref(), Some("seeds"));
    assert_eq!(
        serde_json::to_value(&info.config).unwrap(),
        serde_json::json!({
            "lr": 0.001, "layers": [64, 32]
        })
    );
    assert_eq!(info.definitions["accuracy"].unit.as_deref(), Some("%"));
    assert_eq!(read.summary().unwrap()["accuracy"].best, Some(0.9));
    assert_eq!(read.summary().unwrap()["accuracy"].last, 0.7);
}

#[test]
fn more_points_than_one_log_holds_are_sealed_on_the_way() {
    let store = store();
    let run = start(&store);
    let loss = run.metric("loss");
    let count = (1 << 20) + 200_000;
    for step in 0..count {
        loss.log(step, step as f64);
    }
    let report = run.finish().unwrap();
    assert_eq!(report.problems(), []);
    assert_eq!(report.points(), count);
    assert!(fs::read_dir(run.path().join("scalars")).unwrap().count() >= 2);
    let rows = read(&run).series("loss").unwrap();
    assert_eq!(rows.len() as u64, count);
    assert!((0..).zip(&rows).all(|(n, row)| row.step.0 == n && row.value == n as f64));
}

#[test]
fn two_runs_of_one_process_do_not_mix() {
    let store = store();
    let (first, second) = (start(&store), start(&store));
    first.log([("loss", 1.0)]);
    second.log([("loss", 2.0)]);
    first.finish().unwrap();
    second.log([("loss", 3.0)]);
    second.finish().unwrap();
    assert_eq!(values(&first, "loss"), [(0, 1.0)]);
    assert_eq!(values(&second, "loss"), [(0, 2.0), (1, 3.0)]);
}

#[test]
fn a_dropped_run_ends_with_a_reason() {
    let store = store();
    let run = start(&store);
    run.log([("loss", 1.0)]);
    let path = run.path().to_owned();
    let clone = run.clone();
    drop(run);
    assert_eq!(RunReader::open(&path).unwrap().state(), State::Running, "a clone lives");
    drop(clone);
    let read = RunReader::open(&path).unwrap();
    assert_eq!(read.state(), State::Ended);
    assert!(read.info().message.as_deref().unwrap().contains("missing run.finish()"));
    assert_eq!(read.series("loss").unwrap().len(), 1);
}

#[test]
fn a_run_that_an_error_ends_says_so_if_it_has_seen_the_error() {
    fn train(run: Run) -> Result<(), std::num::ParseIntError> {
        run.log([("loss", 1.0)]);
        let _: u32 = run.check("seven".parse())?;
        run.finish().unwrap();
        drop(run);
        Ok(())
    }
    let store = store();
    let run = start(&store);
    let path = run.path().to_owned();
    train(run).unwrap_err();
    let read = RunReader::open(&path).unwrap();
    assert_eq!(read.state(), State::Failed);
    assert_eq!(read.info().message.as_deref(), Some("invalid digit found in string"));

    let run = start(&store);
    let path = run.path().to_owned();
    run.check(Err::<(), _>("a trouble that the program gets over")).unwrap_err();
    run.finish().unwrap();
    assert_eq!(RunReader::open(&path).unwrap().state(), State::Finished);
}

#[test]
fn a_handle_keeps_its_run_alive() {
    let store = store();
    let run = start(&store);
    let path = run.path().to_owned();
    let loss = run.metric("loss");
    drop(run);
    loss.log(0, 1.0);
    assert_eq!(RunReader::open(&path).unwrap().state(), State::Running);
    drop(loss);
    assert_eq!(RunReader::open(&path).unwrap().state(), State::Ended);
}

#[test]
fn a_panic_ends_the_run_as_failed_with_its_message() {
    let store = store();
    let mut path = None;
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let run = start(&store);
        path = Some(run.path().to_owned());
        run.log([("loss", 1.0)]);
        panic!("the loss went to {}", "the moon");
    }));
    assert!(result.is_err());
    let read = RunReader::open(path.unwrap()).unwrap();
    assert_eq!(read.state(), State::Failed);
    let message = read.info().message.clone().unwrap();
    assert!(message.contains("the loss went to the moon"), "{message}");
}

#[test]
fn the_closure_form_finishes_and_fails_by_itself() {
    let store = store();
    let at = |outcome: Result<u32, Error>| {
        let mut path = None;
        let result = init("mnist").dir(store.path()).run(|run| {
            path = Some(run.path().to_owned());
            run.log([("loss", 1.0)]);
            outcome
        });
        (result, RunReader::open(path.unwrap()).unwrap())
    };
    let (result, read) = at(Ok(3));
    let (value, report) = result.unwrap();
    assert_eq!((value, report.points(), read.state()), (3, 1, State::Finished));
    let lost = Error::UnknownMetric { metric: "x".into(), run: "y".into(), hint: "z".into() };
    let (result, read) = at(Err(lost));
    assert!(result.is_err());
    assert_eq!(read.state(), State::Failed);
    assert!(read.info().message.as_deref().unwrap().contains("has no metric `x`"));
}

#[test]
fn an_outcome_of_ones_own_is_kept() {
    let store = store();
    let run = start(&store);
    run.finish_as(Outcome::Stopped("by the user".into())).unwrap();
    assert_eq!(read(&run).state(), State::Stopped);
    assert_eq!(read(&run).info().message.as_deref(), Some("by the user"));
}

#[test]
fn files_of_the_user_can_be_emptied_without_losing_a_point() {
    let store = store();
    let run = start(&store);
    run.log([("loss", 1.0)]);
    fs::write(run.dir().join("model.bin"), "weights").unwrap();
    fs::remove_dir_all(run.dir()).unwrap();
    fs::create_dir(run.dir()).unwrap();
    run.log([("loss", 2.0)]);
    assert_eq!(run.finish().unwrap().problems(), []);
    assert_eq!(values(&run, "loss"), [(0, 1.0), (1, 2.0)]);
}

#[test]
fn the_report_is_a_table_with_the_next_command() {
    let store = store();
    let run = init("mnist").dir(store.path()).name("baseline").start().unwrap();
    run.define("valid/accuracy", Definition::new().unit("%").higher_is_better());
    run.log(metrics! { "train/loss" => 0.4321, "valid/accuracy" => 0.97219 });
    let report = run.finish().unwrap().to_string();
    assert!(report.contains("run baseline in mnist finished after"), "{report}");
    assert!(report.contains("train/loss            0.4321             -           0"), "{report}");
    assert!(report.contains("valid/accuracy       97.22 %       97.22 %           0"), "{report}");
    assert!(report.contains("next: tracker show baseline"), "{report}");
}

#[test]
fn runs_are_found_by_id_prefix_name_and_age() {
    let store = store();
    let named = |name: &str| {
        let run = init("mnist").dir(store.path()).name(name).start().unwrap();
        run.finish().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
        run.id().clone()
    };
    let (first, second, third) = (named("first"), named("twice"), named("twice"));
    let store = Store::open(store.path()).unwrap();
    let find = |reference: &str| store.find(reference).map(|run| run.info().id.clone());
    assert_eq!(find(first.as_str()).unwrap(), first);
    assert_eq!(find(&second.as_str().to_lowercase()[..25]).unwrap_or(second.clone()), second);
    assert_eq!(find("first").unwrap(), first);
    assert_eq!(find("twice").unwrap(), third, "of one name, the latest");
    assert_eq!(find("@latest").unwrap(), third);
    assert_eq!(find("@latest~2").unwrap(), first);
    assert!(matches!(find("@latest~3"), Err(Error::RunNotFound { .. })));
    assert!(matches!(find("@best"), Err(Error::RunNotFound { .. })));
    assert!(matches!(find(&first.as_str()[..3]), Err(Error::AmbiguousRun { .. })));
    let hint = find("firs").unwrap_err().to_string();
    assert!(hint.contains("did you mean `first`?"), "{hint}");
}

fn start_error(builder: RunBuilder) -> String {
    builder.start().unwrap_err().to_string()
}

#[test]
fn bad_names_are_refused_with_a_way_out() {
    let store = store();
    for bad in ["..", "a/b", "a\nb", "", &"x".repeat(10_000)] {
        let error = start_error(init(bad).dir(store.path()));
        assert!(error.contains("invalid project name") && error.contains("hint: "), "{error}");
        assert!(error.len() < 400, "a long name is shortened: {}", error.len());
    }
    for bad in ["", "a\x1b[31m", &"x".repeat(10_000)] {
        let error = start_error(init("mnist").name(bad).dir(store.path()));
        assert!(error.contains("invalid run name") && error.contains("hint: "), "{error}");
    }
    assert_eq!(fs::read_dir(store.path()).unwrap().count(), 0, "nothing was written");
}

#[test]
fn a_config_that_does_not_serialize_is_refused_with_a_way_out() {
    let store = store();
    let config = std::collections::HashMap::from([((1, 2), 3)]);
    let error = start_error(init("mnist").dir(store.path()).config(&config));
    assert!(error.contains("failed to store the config") && error.contains("hint: "), "{error}");
}

#[test]
fn a_store_that_is_a_file_is_refused_with_a_way_out() {
    let folder = store();
    let file = folder.path().join("store");
    fs::write(&file, "").unwrap();
    let error = start_error(init("mnist").dir(&file));
    assert!(error.contains("TRACKER_DIR") && error.contains("TRACKER_MODE=disabled"), "{error}");
    let error = Store::open(&file).unwrap_err().to_string();
    assert!(error.contains("Not a directory") && error.contains("hint: "), "{error}");
}

#[test]
fn a_broken_run_file_costs_no_point_and_is_named() {
    let store = store();
    let run = start(&store);
    run.log([("loss", 1.0)]);
    run.finish().unwrap();
    fs::write(run.path().join("run.json"), "{ \"version\": 1, \"na").unwrap();
    let listing = Store::open(store.path()).unwrap().runs().unwrap();
    assert!(listing.warnings[0].to_string().contains("run.json"), "{}", listing.warnings[0]);
    assert_eq!(listing.runs[0].info().id, *run.id());
    assert_eq!(values(&run, "loss"), [(0, 1.0)]);
    assert_eq!(read(&run).summary().unwrap()["loss"].count, 1);
}

#[test]
fn a_foreign_folder_and_a_newer_run_are_skipped_by_name() {
    let store = store();
    let run = start(&store);
    run.finish().unwrap();
    fs::create_dir(store.path().join("mnist/notes")).unwrap();
    let newer = start(&store);
    newer.finish().unwrap();
    let text = fs::read_to_string(newer.path().join("run.json")).unwrap();
    let text = text.replacen("\"version\": 1", "\"version\": 99", 1);
    fs::write(newer.path().join("run.json"), text).unwrap();
    let listing = Store::open(store.path()).unwrap().runs().unwrap();
    assert_eq!(listing.runs.len(), 1);
    let warnings: Vec<String> = listing.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.iter().any(|warning| warning.contains("notes")), "{warnings:?}");
    assert!(warnings.iter().any(|warning| warning.contains("version 99")), "{warnings:?}");
}

#[test]
fn an_unknown_metric_names_those_that_exist() {
    let store = store();
    let run = start(&store);
    run.log([("loss", 1.0)]);
    run.finish().unwrap();
    let error = read(&run).series("lss").unwrap_err().to_string();
    assert!(error.contains("no metric `lss`") && error.contains("it has loss"), "{error}");
}

#[test]
fn events_are_kept_in_order() {
    use tracker_core::{Event, Level, read::StoredEventKind};
    let store = store();
    let run = start(&store);
    run.record(Event::Text { name: "sample".into(), step: 3.into(), text: "a\nb".into() });
    run.record(Event::Message { level: Level::Info, text: "half-way".into() });
    run.finish().unwrap();
    let kinds: Vec<_> = read(&run).events().unwrap().into_iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            StoredEventKind::Text { name: "sample".into(), step: 3.into(), text: "a\nb".into() },
            StoredEventKind::Message { level: Level::Info, text: "half-way".into() },
        ]
    );
}

#[test]
fn a_run_ends_as_its_adapter_saw_the_training_come_out() {
    let store = tempfile::tempdir().unwrap();
    let start = || init("mnist").dir(store.path()).signals(false).start().unwrap();
    let failed = start();
    failed.conclude(Outcome::Failed("out of memory".into()));
    assert_eq!(failed.finish().unwrap().state(), State::Failed);
    let again = start();
    again.conclude(Outcome::Failed("out of memory".into()));
    again.conclude(Outcome::Finished);
    assert_eq!(again.finish().unwrap().state(), State::Finished);
    let told = start();
    told.conclude(Outcome::Failed("out of memory".into()));
    let report = told.finish_as(Outcome::Stopped("enough".into())).unwrap();
    assert_eq!(report.state(), State::Stopped, "what the program says itself counts");
}
