//! Runs as offline runs of W&B, and back.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod kept;

use std::{
    fs,
    path::{Path, PathBuf},
};

use kept::Kept;
use serde_json::{Value, json};
use tempfile::TempDir;
use tracker_core::{
    Alert, Event, Histogram, Image, Media, Outcome, Point, Run, Step, Table, Timestamp, Tracker,
    init,
    read::{Row, RunReader},
};
use tracker_export::{
    Account, Destination, Ended, ForeignRun, Source, Target, WandbSource, export,
};

struct Store(TempDir);

impl Store {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn start(&self) -> Run {
        let init =
            init("mnist").dir(self.0.path().join("store")).signals(false).code_changes(false);
        let settings = json!({"lr": 0.1, "net": {"depth": 3}, "words": ["a", "b"]});
        let init = init.system_metrics(false).default_rules(false).name("first").group("three");
        init.tags(["a", "b"]).notes("what it is about").config(&settings).start().unwrap()
    }

    fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    /// The run as an offline run of W&B.
    fn export(&self, run: &RunReader) -> Account {
        export(run, &mut *self.open(run, None)).unwrap()
    }

    fn open(&self, run: &RunReader, from: Option<&Value>) -> Box<dyn Target> {
        let to: Destination = format!("wandb:{}", self.out().display()).parse().unwrap();
        to.open(run, from).unwrap()
    }

    fn log(&self) -> PathBuf {
        let folder = fs::read_dir(self.out()).unwrap().next().unwrap().unwrap().path();
        let is_log = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "wandb");
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).find(is_log).unwrap()
    }
}

fn import(place: &Path) -> (ForeignRun, Kept, Account) {
    let mut source = WandbSource::open(place).unwrap();
    let runs = source.runs().unwrap();
    assert_eq!(runs.len(), 1);
    let (mut kept, mut account) = (Kept::default(), Account::default());
    source.read(&runs[0], &mut kept, &mut account).unwrap();
    (runs[0].clone(), kept, account)
}

fn finished(run: &Run) -> RunReader {
    run.finish().unwrap();
    RunReader::open(run.path()).unwrap()
}

/// Logs points at a time of their own.
fn log(run: &Run, step: u64, time: i64, values: &[(&str, f64)]) {
    let point = |(metric, value): &(&str, f64)| Point {
        time: Some(Timestamp(time)),
        ..Point::new(run.metric_id(metric), step, *value)
    };
    run.write(&values.iter().map(point).collect::<Vec<_>>());
}

fn stored(run: &RunReader) -> Vec<(String, u64, i64, u64)> {
    let of =
        |metric: String, row: &Row| (metric, row.step.0, row.time.as_micros(), row.value.to_bits());
    let series = run.points().unwrap().series.into_iter();
    series
        .flat_map(|series| {
            series.rows.iter().map(|row| of(series.metric.clone(), row)).collect::<Vec<_>>()
        })
        .collect()
}

fn sorted(mut points: Vec<(String, u64, i64, u64)>) -> Vec<(String, u64, i64, u64)> {
    points.sort();
    points
}

#[test]
fn every_value_step_and_time_comes_back_bit_for_bit() {
    let store = Store::new();
    let run = store.start();
    let mut bits = 7_u64;
    let odd = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MAX, 0.1 + 0.2];
    for step in 0..3_000_u64 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let any = f64::from_bits(bits);
        let any = if any.is_nan() { 1.0 } else { any };
        let time = 1_700_000_000_000_000 + step as i64 * 1_234_567;
        let values = [
            ("loss", any),
            ("odd", odd[step as usize % odd.len()]),
            ("_step", 3.0),
            ("ä/b.c", 0.5),
        ];
        log(&run, step * step * 7, time, &values);
    }
    log(&run, i64::MAX as u64, 1_700_010_000_000_000, &[("loss", 1.0)]);
    let run = finished(&run);
    let account = store.export(&run);
    let (_, kept, back) = import(&store.out());
    assert_eq!(sorted(kept.points), sorted(stored(&run)));
    assert!(account.left_out().is_empty() && back.left_out().is_empty(), "{account:?} {back:?}");
    assert_eq!(account.renamed().get("_step").map(String::as_str), Some("tracker/_step"));
    assert_eq!((account.kept()["points"], back.kept()["points"]), (12_001, 12_001));
}

#[test]
fn what_is_known_of_a_run_comes_back() {
    let store = Store::new();
    let run = store.start();
    log(&run, 0, 1_700_000_000_000_000, &[("loss", 1.0)]);
    Tracker::finish(&run, Outcome::Failed("out of memory".into())).unwrap();
    let run = RunReader::open(run.path()).unwrap();
    store.export(&run);
    let (back, ..) = import(&store.out());
    let info = run.info();
    assert_eq!(back.origin, format!("wandb/mnist/{}", info.id));
    assert_eq!((back.project.as_deref(), back.name.as_deref()), (Some("mnist"), Some("first")));
    assert_eq!(
        (back.group.as_deref(), back.notes.as_deref()),
        (Some("three"), Some("what it is about"))
    );
    assert_eq!((&back.tags, &back.config), (&info.tags, &info.config));
    assert_eq!(back.started_at, Some(info.started_at));
    assert!(matches!(back.ended, Ended::As(Outcome::Failed(_), Some(_))), "{:?}", back.ended);
}

#[test]
fn texts_histograms_pictures_tables_alerts_and_messages_come_back() {
    let store = Store::new();
    let run = store.start();
    log(&run, 4, 1_700_000_000_000_000, &[("loss", 1.0)]);
    run.record(Event::Text {
        name: "sample".into(),
        step: Step(4),
        text: "\"quoted\"\nNaN".into(),
    });
    let histogram = Histogram::new(-1.0, 3.0, vec![3, 0, 5, 2]);
    run.log_histogram("weights", 5, histogram.clone());
    let picture = || Image::gray8(2, 2, vec![0, 80, 160, 255]).unwrap().caption("four");
    run.log_media("one/picture", 6, picture());
    run.log_media("two", 6, [picture(), Image::gray8(2, 2, vec![9; 4]).unwrap()]);
    let table = Table::new(["x", "word"])
        .row([1.5.into(), "one".into()])
        .row([f64::NAN.into(), "two".into()]);
    run.log_media("table", 7, table);
    run.alert(Alert::warning("too hot"));
    run.record(Event::Message { level: tracker_core::Level::Info, text: "said".into() });
    let account = store.export(&finished(&run));
    assert!(account.left_out().keys().all(|left| left.what == "times of points"), "{account:?}");
    let (_, kept, back) = import(&store.out());
    assert!(back.left_out().is_empty(), "{back:?}");
    let has = |wanted: &dyn Fn(&Event) -> bool| kept.events.iter().any(|(_, event)| wanted(event));
    assert!(has(&|event| matches!(event, Event::Text { name, step: Step(4), text }
        if name == "sample" && text == "\"quoted\"\nNaN")));
    assert!(has(
        &|event| matches!(event, Event::Histogram { name, step: Step(5), histogram: back }
        if name == "weights" && *back == histogram)
    ));
    assert!(has(&|event| matches!(event, Event::Media { name, step: Step(6), items }
        if name == "one/picture" && matches!(&items[..], [Media::File(file)] if file.caption_text() == Some("four")))));
    assert!(has(
        &|event| matches!(event, Event::Media { name, items, .. } if name == "two" && items.len() == 2)
    ));
    assert!(has(&|event| matches!(event, Event::Media { name, items, .. }
        if name == "table" && matches!(&items[..], [Media::Table(table)] if table.rows().len() == 2))));
    assert!(has(&|event| matches!(event, Event::Alert(alert) if alert.text == "too hot")));
    assert!(has(&|event| matches!(event, Event::Message { text, .. } if text == "said")));
}

#[test]
fn what_wandb_cannot_hold_is_counted() {
    let store = Store::new();
    let run = store.start();
    log(&run, 1, 10_000_000, &[("loss", 1.0)]);
    log(&run, 1, 10_000_001, &[("loss", 2.0), ("other", f64::from_bits(0xfff8_0000_0000_0001))]);
    log(&run, u64::MAX, 10_000_002, &[("loss", 3.0)]);
    let account = store.export(&finished(&run));
    let left: Vec<(&str, u64)> =
        account.left_out().iter().map(|(left, count)| (left.what, *count)).collect();
    assert_eq!(
        left,
        [("bits of NaN", 1), ("points", 1), ("points", 1), ("times of points", 2)],
        "{account:?}"
    );
    let (_, kept, _) = import(&store.out());
    assert_eq!(kept.points.iter().filter(|(metric, ..)| metric == "loss").count(), 1);
    assert_eq!(kept.points[0].3, 2.0_f64.to_bits(), "the last of one step is kept");
}

#[test]
fn a_target_that_is_opened_again_at_any_place_writes_the_same_file() {
    let store = Store::new();
    let run = store.start();
    for step in 0..40 {
        for metric in ["a", "b", "c"] {
            // Several processes are a little apart.
            let step = if metric == "c" { step / 2 * 2 } else { step };
            log(&run, step, 1_700_000_000_000_000 + step as i64, &[(metric, step as f64)]);
        }
    }
    log(&run, 3, 1_700_000_000_000_100, &[("system/cpu", 0.5)]);
    let run = finished(&run);
    let mut rows: Vec<(String, Row)> = Vec::new();
    for series in run.points().unwrap().series {
        rows.extend(series.rows.iter().map(|row| (series.metric.clone(), *row)));
    }
    rows.sort_by_key(|(_, row)| row.seq);
    let mut account = Account::default();
    let mut follow = |crashes: bool| {
        let mut target = store.open(&run, None);
        target.begin(&run, &mut account).unwrap();
        for (number, (metric, row)) in rows.iter().enumerate() {
            if number % 5 == 0 {
                let place = target.flush().unwrap();
                if crashes {
                    target.points(metric, &[*row], &mut Account::default()).unwrap();
                    drop(target);
                    target = store.open(&run, Some(&place));
                    target.begin(&run, &mut account).unwrap();
                }
            }
            target.points(metric, &[*row], &mut account).unwrap();
        }
        target.end(&run, &mut account).unwrap();
        target.flush().unwrap();
        drop(target);
        fs::read(store.log()).unwrap()
    };
    let (whole, resumed) = (follow(false), follow(true));
    assert!(whole == resumed);
    assert!(
        account
            .left_out()
            .keys()
            .all(|left| left.what != "points" || left.why.contains("one of a name")),
        "{account:?}"
    );
    let (_, kept, _) = import(&store.out());
    assert_eq!(kept.points.len(), 40 + 40 + 20 + 1);
}

#[test]
fn a_file_that_is_gone_cannot_be_gone_on_with() {
    let store = Store::new();
    let run = store.start();
    log(&run, 0, 0, &[("a", 1.0)]);
    let run = finished(&run);
    let mut target = store.open(&run, None);
    target.begin(&run, &mut Account::default()).unwrap();
    let place = target.flush().unwrap();
    fs::write(store.log(), "").unwrap();
    let to: Destination = format!("wandb:{}", store.out().display()).parse().unwrap();
    let error = to.open(&run, Some(&place)).err().unwrap().to_string();
    assert!(error.contains("shorter") && error.contains("hint: "), "{error}");
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/wandb/offline-run")
}

#[test]
fn a_run_that_wandb_wrote_comes_in_whole() {
    let (run, kept, account) = import(&fixture());
    assert_eq!(run.origin, "wandb/mnist/fixture1");
    assert_eq!((run.name.as_deref(), run.group.as_deref()), (Some("first"), Some("three")));
    assert_eq!(
        (run.tags, run.notes.as_deref()),
        (vec!["a".into(), "b".into()], Some("what it is about"))
    );
    assert_eq!(Value::from(run.config), json!({"lr": 0.1, "net": {"depth": 3, "act": "relu"}}));
    assert!(matches!(run.ended, Ended::As(Outcome::Failed(text), _) if text == "exit code 3"));
    let summary = &run.about.iter().find(|(topic, _)| topic == "summary").unwrap().1;
    assert_eq!(Value::from(summary.clone()), json!({"best": 0.25}));

    let of = |name: &str| {
        let points = kept.points.iter().filter(|(metric, ..)| metric == name);
        points.map(|(_, step, _, bits)| (*step, f64::from_bits(*bits))).collect::<Vec<_>>()
    };
    let steps = || (0..20_u64).map(|step| (step, step as f64));
    assert_eq!(of("loss"), steps().map(|(step, x)| (step, 1.0 / (x + 1.0))).collect::<Vec<_>>());
    assert_eq!(of("nested.a"), steps().collect::<Vec<_>>());
    assert_eq!(of("nested.b.c"), steps().map(|(step, x)| (step, x / 3.0)).collect::<Vec<_>>());
    assert_eq!(of("flag"), steps().map(|(step, _)| (step, 1.0)).collect::<Vec<_>>());
    assert_eq!(of("valid/acc"), [(20, 0.1 + 0.2)]);
    assert!(of("nan")[0].1.is_nan());
    assert_eq!((of("up"), of("down")), (vec![(20, f64::INFINITY)], vec![(20, f64::NEG_INFINITY)]));
    assert_eq!(kept.points.len(), 20 * 5 + 5, "W&B repeats `epoch` where its step is needed");

    let left: Vec<(&str, u64)> =
        account.left_out().iter().map(|(left, count)| (left.what, *count)).collect();
    assert_eq!(
        left,
        [("artifacts and other records", 1), ("step metrics", 1), ("values", 1)],
        "{account:?}"
    );
    let events =
        |kind: fn(&Event) -> bool| kept.events.iter().filter(|(_, event)| kind(event)).count();
    assert_eq!(events(|event| matches!(event, Event::Media { .. })), 4);
    assert_eq!(
        events(
            |event| matches!(event, Event::Histogram { histogram, .. } if histogram.counts == [3, 0, 5, 2])
        ),
        1
    );
    assert_eq!(
        events(
            |event| matches!(event, Event::Text { name, .. } if name == "word" || name == "list")
        ),
        2
    );
    assert_eq!(events(|event| matches!(event, Event::Define { .. })), 2);
    assert_eq!(
        events(
            |event| matches!(event, Event::Message { text, .. } if text == "said on standard output")
        ),
        1
    );
    assert_eq!(events(|event| matches!(event, Event::Alert(alert) if alert.text == "too hot")), 1);
}

#[test]
fn damage_costs_what_it_hit_and_is_counted() {
    let bytes = fs::read(fixture().join("run-fixture1.wandb")).unwrap();
    let whole = import(&fixture()).1;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run-fixture1.wandb");
    for at in (0..bytes.len()).step_by(61) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        let (_, kept, account) = import(&path);
        assert!(
            kept.points.iter().all(|point| whole.points.contains(point))
                || account.left_out().len() > 2,
            "{at}"
        );
        let told = account
            .left_out()
            .keys()
            .any(|left| left.what == "damaged places" || left.what == "ends of files");
        assert!(told, "a flip at {at} is not told");

        fs::write(&path, &bytes[..at]).unwrap();
        let (_, cut, _) = import(&path);
        assert!(whole.points.starts_with(&cut.points), "{at}");
    }
}

#[test]
fn a_folder_of_runs_is_read_run_by_run_and_a_resumed_one_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let wandb = folder.path().join("wandb");
    for name in ["offline-run-20260101_000000-fixture1", "run-20260102_000000-fixture1"] {
        fs::create_dir_all(wandb.join(name)).unwrap();
        fs::copy(fixture().join("run-fixture1.wandb"), wandb.join(name).join("run-fixture1.wandb"))
            .unwrap();
    }
    let (_, kept, _) = import(folder.path());
    assert_eq!(kept.points.len(), 2 * 105);
    fs::write(folder.path().join("points.csv"), "step,loss").unwrap();
    for other in ["missing", "points.csv"] {
        let error = WandbSource::open(&folder.path().join(other)).unwrap_err().to_string();
        assert!(
            error.contains("hint: ") && !WandbSource::knows(&folder.path().join(other)),
            "{error}"
        );
    }
}
