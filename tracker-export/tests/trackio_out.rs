//! A run goes to Trackio's inbox, and what was written is read again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod kept;

use std::{collections::BTreeSet, fs, path::Path};

use kept::{Kept, Point, left_out, only};
use serde_json::Value;
use tracker_core::{
    Alert, Event, Histogram, Image, Level, Step, Table, Timestamp, Tracker, init, read::RunReader,
};
use tracker_export::{Account, Destination, Target, TrackioSource, TrackioTarget, export};

/// The run of the tests: what Trackio can hold, and some things that it cannot.
fn run(store: &Path) -> RunReader {
    let quiet =
        init("my.project").dir(store).code_changes(false).system_metrics(false).signals(false);
    let run =
        quiet.default_rules(false).name("calm/run").group("sweep").tags(["paper"]).notes("a note");
    let run = run.config(&serde_json::json!({"lr": 0.1, "_Group": "mine"})).start().unwrap();
    for step in 0..50_u64 {
        run.log_at(
            step,
            [("train/loss", 1.0 / (step as f64 + 3.0)), ("train/accuracy", step as f64 / 50.0)],
        );
    }
    run.log_at(
        7_u64,
        [("train/loss", f64::NAN), ("step", f64::INFINITY), ("down", f64::NEG_INFINITY)],
    );
    run.log_at((1_u64 << 63) - 1, [("zero", -0.0), ("tiny", 5e-324)]);
    run.log_at(u64::MAX, [("huge", 1.0)]);
    run.log_at(0_u64, [("system/cpu", 50.0)]);
    run.log_histogram("weights", 3_u64, Histogram::new(-1.0, 3.0, vec![1, 2, 3, 4]).not_finite(2));
    run.record(Event::Text {
        name: "sample".into(),
        step: Step(4),
        text: "once upon a time".into(),
    });
    run.record(Event::Message { level: Level::Info, text: "hello".into() });
    run.alert(Alert::error("it fell").hint("look at it").metric("train/loss").at(9_u64));
    let digit = Image::gray8(2, 2, vec![0, 255, 255, 0]).unwrap();
    run.log_media("digit", 5_u64, digit.clone().caption("a cross"));
    let table = Table::new(["id", "image", "good"]);
    let table = table.row([1.into(), digit.into(), true.into()]).row([
        f64::NAN.into(),
        None::<u8>.into(),
        false.into(),
    ]);
    run.log_media("guesses", 6_u64, table);
    let path = run.path().to_owned();
    run.finish().unwrap();
    RunReader::open(path).unwrap()
}

fn points(run: &RunReader) -> Vec<Point> {
    let series = run.points().unwrap().series;
    let points = series.iter().flat_map(|series| {
        series
            .rows
            .iter()
            .map(|row| (series.metric.clone(), row.step.0, row.time.0, row.value.to_bits()))
    });
    let mut points: Vec<Point> = points.collect();
    points.sort();
    points
}

/// Trackio keeps no steps of what the machine does: here they are the seconds of its times.
fn stepless(mut points: Vec<Point>) -> Vec<Point> {
    points.iter_mut().filter(|point| point.0.starts_with("system/")).for_each(|point| point.1 = 0);
    points.sort();
    points
}

fn lines(folder: &Path) -> Vec<Value> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let text: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn all_that_trackio_can_hold_comes_back_bit_for_bit() {
    let (store, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = run(store.path());
    let destination: Destination = format!("trackio:{}", out.path().display()).parse().unwrap();
    let account = export(&run, &mut *destination.open(&run, None).unwrap()).unwrap();

    let (foreign, kept, _) = only(&mut TrackioSource::open(out.path()).unwrap());
    let mut wanted = points(&run);
    wanted.retain(|(metric, ..)| metric != "huge");
    assert_eq!(stepless(kept.sorted()), stepless(wanted.clone()));
    assert_eq!(account.kept()["points"], wanted.len() as u64);

    let info = run.info();
    assert_eq!(foreign.origin, format!("trackio/myproject/{}", info.id));
    assert_eq!(foreign.name.as_deref(), Some("calm/run"));
    assert_eq!(foreign.group.as_deref(), Some("sweep"));
    assert_eq!(foreign.started_at, Some(info.started_at));
    assert_eq!(foreign.config, *serde_json::json!({"lr": 0.1}).as_object().unwrap());
    are_the_events(&kept);

    for (what, count) in [
        ("points", 1),
        ("settings", 1),
        ("tags", 1),
        ("notes", 1),
        ("messages", 1),
        ("values of histograms that are not finite", 2),
    ] {
        assert!(left_out(&account, what) >= count, "{what}: {account:#?}");
    }
    assert_eq!(account.renamed()["step"], "__step");
    assert_eq!(account.renamed()["project my.project"], "project myproject");
}

fn are_the_events(kept: &Kept) {
    let mut seen = Vec::new();
    for (_, event) in &kept.events {
        match event {
            Event::Text { text, .. } => seen.push(text.clone()),
            Event::Histogram { histogram, .. } => {
                assert_eq!(*histogram, Histogram::new(-1.0, 3.0, vec![1, 2, 3, 4]));
                seen.push("histogram".to_owned());
            }
            Event::Alert(alert) => {
                assert_eq!((alert.level, alert.step), (Level::Error, Some(Step(9))));
                seen.push(format!("{}: {}", alert.text, alert.hint.as_deref().unwrap_or_default()));
            }
            Event::Media { name, .. } => seen.push(name.clone()),
            other => panic!("{other:?}"),
        }
    }
    seen.sort();
    assert_eq!(seen, ["digit", "guesses", "histogram", "it fell: look at it", "once upon a time"]);
}

#[test]
fn metrics_that_were_logged_together_are_one_line_in_whatever_order_they_come() {
    let (store, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = run(store.path());
    let mut target = TrackioTarget::open(out.path(), &run, None).unwrap();
    let mut account = Account::default();
    target.begin(&run, &mut account).unwrap();
    for series in run.points().unwrap().series {
        target.points(&series.metric, &series.rows, &mut account).unwrap();
    }
    target.flush().unwrap();
    let lines = lines(&out.path().join("inbox").join(run.info().id.as_str()));
    let both = lines.iter().filter(|line| line["metrics"].get("train/accuracy").is_some());
    let both: Vec<_> = both.map(|line| line["metrics"].as_object().unwrap().len()).collect();
    assert_eq!(both, vec![2; 50]);
    let ids: BTreeSet<_> = lines.iter().map(|line| line["log_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), lines.len(), "no two lines are taken for one");
    let configs = lines.iter().filter(|line| line["config"].is_object()).count();
    assert_eq!(configs, 1, "settings are told once");
}

#[test]
fn twice_is_once() {
    let (store, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = run(store.path());
    let folder = out.path().join("inbox").join(run.info().id.as_str());
    let mut told = Vec::new();
    for _ in 0..2 {
        export(&run, &mut TrackioTarget::open(out.path(), &run, None).unwrap()).unwrap();
        told.push(lines(&folder));
    }
    assert_eq!(
        told[0], told[1],
        "also if Trackio has read the first lines, their ids are the same"
    );
}

#[test]
fn a_target_that_is_opened_again_goes_on_and_forgets_what_was_not_told() {
    let (store, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = run(store.path());
    let series = run.points().unwrap().series;
    let loss = &series.iter().find(|series| series.metric == "train/loss").unwrap().rows;
    let mut account = Account::default();
    let open = |from: Option<&Value>| TrackioTarget::open(out.path(), &run, from).unwrap();

    let mut target = open(None);
    target.begin(&run, &mut account).unwrap();
    target.points("train/loss", &loss[..10], &mut account).unwrap();
    let place = target.flush().unwrap();
    assert_eq!(place["next"], 1);
    target.points("train/loss", &loss[10..20], &mut account).unwrap();
    target.flush().unwrap();
    drop(target);

    let mut target = open(Some(&place));
    target.begin(&run, &mut account).unwrap();
    target.points("train/loss", &loss[10..], &mut account).unwrap();
    target.end(&run, &mut account).unwrap();
    assert_eq!(target.flush().unwrap()["next"], 2);
    drop(target);

    let (_, kept, _) = only(&mut TrackioSource::open(out.path()).unwrap());
    assert_eq!(kept.points.len(), loss.len());
}

#[test]
fn a_run_without_points_is_there_with_its_settings() {
    let (store, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let quiet =
        init("empty").dir(store.path()).code_changes(false).system_metrics(false).signals(false);
    let run = quiet.config(&serde_json::json!({"seed": 1})).start().unwrap();
    let path = run.path().to_owned();
    run.finish().unwrap();
    let run = RunReader::open(path).unwrap();
    export(&run, &mut TrackioTarget::open(out.path(), &run, None).unwrap()).unwrap();
    let (foreign, kept, _) = only(&mut TrackioSource::open(out.path()).unwrap());
    assert_eq!(foreign.config["seed"], 1);
    assert!(kept.points.is_empty());
    assert!(foreign.started_at.is_some_and(|time| time > Timestamp(0)));
}
