//! `tracker export --to TOOL`, `tracker mirror`, and trainings that start a mirror.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tracker_core::{Event, Step, Timestamp, init, metrics, read::RunReader};
use tracker_export::{Account, Result, Sink, Source, TensorBoardSource};

use crate::support::{FIRST, SECOND, Store, texts};

/// Points by metric and step, with the values as event files have them.
type Points = BTreeMap<(String, u64), Vec<f32>>;

#[derive(Default)]
struct Found(Points);

impl Sink for Found {
    fn point(&mut self, metric: &str, step: Step, _: Timestamp, value: f64) -> Result<()> {
        self.0.entry((metric.to_owned(), step.0)).or_default().push(value as f32);
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

/// All points of all event files in a folder.
fn in_event_files(folder: &Path) -> Points {
    let (mut source, mut found) = (TensorBoardSource::new(folder), Found::default());
    for run in source.runs().unwrap() {
        source.read(&run, &mut found, &mut Account::default()).unwrap();
    }
    found.0
}

fn in_run(run: &RunReader) -> Points {
    let mut points = Points::new();
    for series in run.points().unwrap().series {
        for row in series.rows {
            let place = (series.metric.clone(), row.step.0);
            points.entry(place).or_default().push(row.value as f32);
        }
    }
    points
}

/// What the tool itself calls otherwise is the tool's; here, names are plain.
fn trained() -> Store {
    let store = Store::new();
    store.trained(FIRST, "first", &json!({ "lr": 0.1 }), 0.0, 2);
    store.trained(SECOND, "second", &json!({ "lr": 0.2 }), 1.0, 1);
    store
}

fn reader(store: &Store, id: &str) -> RunReader {
    RunReader::open(store.path().join("mnist").join(id)).unwrap()
}

#[test]
fn runs_are_exported_to_a_tool_and_what_to_do_next_is_told() {
    let store = trained();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let place = out.to_str().unwrap();
    let output = store.tracker(&["export", "first", "second", "--to", "tensorboard", place]);
    let (said, next) = texts(&output);
    assert!(output.status.success(), "{next}");
    assert!(said.contains("wrote first to TensorBoard") && said.contains("15 points"), "{said}");
    assert!(next.contains(&format!("next: `tensorboard --logdir {place}`")), "{next}");
    let mut wanted = in_run(&reader(&store, FIRST));
    for (place, values) in in_run(&reader(&store, SECOND)) {
        wanted.entry(place).or_default().extend(values);
    }
    assert_eq!(in_event_files(&out), wanted);
    let told = store.json(&[
        "export",
        "--where",
        "name = first",
        "--to",
        &format!("tensorboard:{place}"),
        "--json",
    ]);
    assert_eq!((&told["tool"], &told["runs"][0]["name"]), (&json!("tensorboard"), &json!("first")));
    assert_eq!(told["runs"][0]["kept"]["points"], 15);
}

#[test]
fn an_export_that_makes_no_sense_says_so() {
    let store = trained();
    for (args, said) in [
        (&["export", "first", "second", "--to", "csv"][..], "points are written of one run"),
        (&["export", "first", "--to", "csv", "--json"], "names a format"),
        (&["export", "first", "--to", "tensorboard", "x", "-o", "y"], "is no file for -o"),
        (&["export", "first", "--to", "tensorboard", "/dev/null/x"], "hint:"),
        (&["mirror", "first", "--to", "tensorboard", "/dev/null/x"], "hint:"),
    ] {
        let output = store.tracker(args);
        let (_, err) = texts(&output);
        assert_eq!(output.status.code(), Some(1), "{args:?} {err}");
        assert!(err.contains(said), "{args:?} {err}");
    }
    for args in
        [&["export", "first", "--to", "tensorboard"][..], &["mirror", "first", "--to", "abacus:x"]]
    {
        assert_eq!(store.tracker(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_run_that_has_ended_is_mirrored_once_however_often_it_is_typed() {
    let store = trained();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let args = ["mirror", "first", "--to", "tensorboard", out.to_str().unwrap(), "--json"];
    let wanted = in_run(&reader(&store, FIRST));
    for more in [&[][..], &[], &["--again"], &["--once"]] {
        let told = store.json(&[&args, more].concat());
        assert_eq!(told["runs"][0]["done"], true, "{more:?}");
        assert_eq!(told["runs"][0]["kept"]["points"], 15);
        assert_eq!(in_event_files(&out), wanted);
    }
    // What the mirror keeps is no trouble of the run's.
    let examined = store.tracker(&["doctor"]);
    assert!(examined.status.success(), "{:?}", texts(&examined));
    store.prints(&["gc"]);
    store.prints(&["mv", "first", "archive"]);
    assert_eq!(store.json(&args)["runs"][0]["kept"]["points"], 15);
    store.prints(&["rm", "first", "--yes"]);
}

const CHILD_STORE: &str = "TRACKER_TEST_MIRRORED_CHILD";

/// The training that has a mirror; in a normal test run it does nothing.
#[test]
fn the_child_trains_while_it_is_mirrored() {
    let Some(root) = env::var_os(CHILD_STORE).map(PathBuf::from) else { return };
    let run = init("mnist").name("mirrored").dir(&root).system_metrics(false).start().unwrap();
    let begun = Instant::now();
    let mut step = 0_u32;
    while begun.elapsed() < Duration::from_secs(6) {
        run.log_at(step, metrics! { "loss" => 0.5, "accuracy" => f64::from(step), "lr" => 0.25 });
        step += 1;
        thread::sleep(Duration::from_millis(2));
    }
    println!("{}", run.finish().unwrap());
}

#[test]
fn a_training_has_itself_mirrored_while_it_runs_and_until_all_is_written() {
    let store = Store::new();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut training = Command::new(env::current_exe().unwrap())
        .args(["--exact", "mirrors::the_child_trains_while_it_is_mirrored"])
        .env(CHILD_STORE, store.path())
        .env("TRACKER_MIRROR", format!("tensorboard:{}", out.display()))
        .env("TRACKER_BIN", env!("CARGO_BIN_EXE_tracker"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut early = 0;
    while training.try_wait().unwrap().is_none() {
        if out.exists() {
            early = early.max(in_event_files(&out).len());
        }
        thread::sleep(Duration::from_millis(200));
    }
    assert!(training.wait().unwrap().success());
    assert!(early > 0, "something was there while it trained");
    let run = tracker_core::read::Store::open(store.path()).unwrap().find("mirrored").unwrap();
    let args = ["mirror", "mirrored", "--to", "tensorboard", out.to_str().unwrap(), "--json"];
    let is_done = |told: &Value| told["runs"][0]["done"] == true;
    let since = Instant::now();
    while !is_done(&store.json(&args)) {
        assert!(since.elapsed() < Duration::from_mins(1), "the mirror does not end");
    }
    assert_eq!(in_event_files(&out), in_run(&run));
    let problems = &store.json(&["show", "mirrored", "--json"])["run"]["problems"];
    assert!(!problems.to_string().contains("companion"), "{problems}");
    let said = fs::read_to_string(run.path().join("companions.log")).unwrap();
    assert!(said.contains("wrote mirrored to TensorBoard"), "{said}");
}
