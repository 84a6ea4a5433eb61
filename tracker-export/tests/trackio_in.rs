//! What Trackio's own writers wrote is read: `tests/neighbours/make_trackio.py` made the files.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod kept;

use std::{
    fs,
    path::{Path, PathBuf},
};

use kept::{Kept, left_out, read};
use rusqlite::Connection;
use tracker_core::{Event, Level};
use tracker_export::{Account, ForeignRun, Source, TrackioSource};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/trackio").join(name)
}

fn first_run(path: &Path) -> (ForeignRun, Kept, Account) {
    let mut source = TrackioSource::open(path).unwrap();
    let runs = source.runs().unwrap();
    let run = runs.into_iter().find(|run| run.name.as_deref() == Some("first run")).unwrap();
    let (kept, account) = read(&mut source, &run);
    (run, kept, account)
}

fn is_the_first_run(path: &Path) {
    let (run, kept, account) = first_run(path);
    assert_eq!(run.project.as_deref(), Some("digits"));
    assert_eq!(run.group.as_deref(), Some("sweep"));
    assert_eq!(run.config["layers"], serde_json::json!([32, 16]));
    assert_eq!(run.config["big"], serde_json::json!(9_007_199_254_740_993_u64));
    assert!(!run.config.contains_key("_Created") && run.started_at.is_some());
    assert!(run.origin.starts_with("trackio/digits/"), "{}", run.origin);

    let bits = |metric: &str| -> Vec<(u64, u64)> {
        kept.series(metric).into_iter().map(|(step, value)| (step, value.to_bits())).collect()
    };
    let loss = [(0, 0.1), (5, f64::NAN), (5, -0.0)]
        .map(|(step, value): (u64, f64)| (step, value.to_bits()));
    assert_eq!(bits("loss"), loss);
    assert_eq!(kept.series("valid/acc"), [(0, 1.0 / 3.0)]);
    assert_eq!(kept.series("count"), [(0, 7.0)]);
    assert_eq!(kept.series("up"), [(5, f64::INFINITY)]);
    assert_eq!(kept.series("down"), [(5, f64::NEG_INFINITY)]);
    assert_eq!(kept.series("step"), [(5, 12.5)], "Trackio had put underscores before it");
    assert_eq!(kept.series("__odd"), [(5, 1.5)]);
    assert_eq!(kept.series("flag"), [(5, 1.0)]);
    assert_eq!(kept.series("tiny"), [(9_007_199_254_740_993, 5e-324)]);
    assert_eq!(kept.series("nested/inner"), [(9_007_199_254_740_993, 2.5)]);
    let system: Vec<_> =
        kept.series("system/cpu").into_iter().chain(kept.series("system/gpu/0/util")).collect();
    assert_eq!(system, [(0, 12.5), (0, 99.0)]);
    assert_eq!(left_out(&account, "lists"), 1);
    assert_eq!(account.kept()["points"], kept.points.len() as u64);
    are_the_events(&kept);
}

fn are_the_events(kept: &Kept) {
    let mut seen = Vec::new();
    for (_, event) in &kept.events {
        match event {
            Event::Text { name, step, text } => seen.push(format!("text {name} {step} {text}")),
            Event::Histogram { name, histogram, .. } => {
                assert_eq!((histogram.min, histogram.max), (0.0, 4.0));
                assert_eq!(histogram.counts, [2, 1, 0, 1]);
                seen.push(format!("histogram {name}"));
            }
            Event::Media { name, step, items } => {
                seen.push(format!("media {name} {step} {items:?}"));
            }
            Event::Alert(alert) => {
                assert_eq!(alert.level, Level::Error);
                seen.push(format!(
                    "alert {} {}",
                    alert.text,
                    alert.hint.as_deref().unwrap_or_default()
                ));
            }
            other => panic!("{other:?}"),
        }
    }
    let has = |begin: &str| seen.iter().any(|text| text.starts_with(begin));
    for wanted in [
        "text note 5 a text",
        "text report 10 # Hello",
        "histogram weights",
        "media guesses 10 [Table(",
        "media sample 10 [File(MediaFile(",
        "alert Loss is NaN look at step 5",
    ] {
        assert!(has(wanted), "{wanted}: {seen:#?}");
    }
    assert_eq!(seen.len(), 6, "{seen:#?}");
}

#[test]
fn a_database_of_trackio_comes_in_whole() {
    is_the_first_run(&file("database"));
    assert!(TrackioSource::looks_like(&file("database")));
    assert!(TrackioSource::looks_like(&file("database/digits.db")));
}

#[test]
fn an_inbox_that_trackio_has_not_read_comes_in_whole() {
    is_the_first_run(&file("waiting"));
    assert!(TrackioSource::looks_like(&file("waiting")));
    assert!(TrackioSource::looks_like(&file("waiting/inbox")));
    let (_, kept, _) = first_run(&file("waiting/inbox"));
    assert_eq!(kept.events.len(), 6, "its pictures lie beside it");
}

#[test]
fn what_is_both_in_a_database_and_in_the_inbox_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    copy(&file("database"), folder.path());
    let connection = Connection::open(folder.path().join("digits.db")).unwrap();
    let (id, log): (String, String) = connection
        .query_row(
            "SELECT run_id, log_id FROM metrics WHERE run_name = 'second' AND step = 0",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let line = |log: &str, step: u64| {
        format!(
            r#"{{"v":1,"kind":"metric","project":"digits","run":"second","run_id":"{id}","metrics":{{"loss":0.5}},"step":{step},"timestamp":"2026-01-01T00:00:00+00:00","config":null,"log_id":"{log}"}}"#
        )
    };
    let inbox = folder.path().join("inbox/me");
    fs::create_dir_all(&inbox).unwrap();
    let lines = [line(&log, 0), line("new", 3), line("new", 3), "{\"torn".to_owned()].join("\n");
    fs::write(inbox.join("00000000.jsonl"), lines).unwrap();
    let mut source = TrackioSource::open(folder.path()).unwrap();
    let runs = source.runs().unwrap();
    let run = runs.iter().find(|run| run.name.as_deref() == Some("second")).unwrap();
    let (kept, account) = read(&mut source, run);
    let steps: Vec<u64> = kept.series("loss").into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, [0, 1, 2, 3]);
    assert_eq!(left_out(&account, "lines"), 1);
}

#[test]
fn rows_of_a_hostile_database_are_counted_and_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join("evil.db")).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_id TEXT, timestamp TEXT, run_name TEXT, step, metrics);
             CREATE VIEW alerts AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
                 SELECT id, 'a' AS run_id, 'x' AS run_name, '' AS timestamp, 't' AS title, '' AS text, '' AS level,
                 1 AS step FROM n;",
        )
        .unwrap();
    let mut insert = connection
        .prepare("INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES ('a', ?1, '../x', ?2, ?3)")
        .unwrap();
    let time = "2026-01-01T00:00:00+00:00";
    let deep = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    for (time, step, metrics) in [
        (time, "1", r#"{"loss":1.5}"#),
        (time, "-1", r#"{"loss":1.5}"#),
        ("never", "1", r#"{"loss":1.5}"#),
        (time, "1", "{\"loss\":"),
        (time, "1", deep.as_str()),
        (time, "1", r#"{"../../x":2.5}"#),
        (time, "1", r#"{"p":{"_type":"trackio.image","file_path":"../../etc/passwd"}}"#),
        (time, "1", r#"{"p":{"_type":"trackio.image","file_path":"/etc/passwd"}}"#),
        (time, "1", r#"{"h":{"_type":"trackio.histogram","bins":[0,1],"values":[1,2,3]}}"#),
        (time, "1", r#"{"h":{"_type":"trackio.histogram","bins":[0,1,5],"values":[1,2]}}"#),
        (time, "1", r#"{"t":{"_type":"trackio.table","_value":[]}}"#),
        (time, "1", r#"{"x":{"_type":"trackio.object3d"},"n":null}"#),
    ] {
        insert.execute((time, step.parse::<i64>().unwrap(), metrics)).unwrap();
    }
    insert.execute((time, "no number", r#"{"loss":1.5}"#)).unwrap();
    drop(insert);
    drop(connection);
    let mut source = TrackioSource::open(folder.path()).unwrap();
    let (run, kept, account) = kept::only(&mut source);
    assert_eq!(run.name.as_deref(), Some("../x"));
    assert_eq!(kept.series("loss"), [(1, 1.5)]);
    assert_eq!(kept.series("../../x"), [(1, 2.5)]);
    assert_eq!(kept.points.len(), 2);
    assert!(kept.events.is_empty(), "{:?}", kept.events);
    assert_eq!(left_out(&account, "lines"), 5);
    assert_eq!(left_out(&account, "pictures"), 2);
    assert_eq!(left_out(&account, "histograms"), 2);
    assert_eq!(left_out(&account, "tables"), 1);
    assert_eq!(left_out(&account, "solids"), 1);
    assert_eq!(left_out(&account, "values"), 1);
}

#[test]
fn a_database_in_use_is_read_with_what_is_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    copy(&file("database"), folder.path());
    let connection = Connection::open(folder.path().join("digits.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection
        .execute(
            "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics)
             VALUES ('new', '2026-01-01T00:00:00+00:00', 'new', 4, '{\"loss\":0.25}')",
            [],
        )
        .unwrap();
    let mut source = TrackioSource::open(folder.path()).unwrap();
    let runs = source.runs().unwrap();
    let run = runs.iter().find(|run| run.name.as_deref() == Some("new")).unwrap();
    assert_eq!(read(&mut source, run).0.series("loss"), [(4, 0.25)]);
}

#[test]
fn a_damaged_database_is_read_as_far_as_it_goes_or_refused_with_a_way_out() {
    let whole = fs::read(file("database/digits.db")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("digits.db");
    for at in (0..whole.len()).step_by(701) {
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(at).take(64) {
            *byte = !*byte;
        }
        fs::write(&path, &bytes).unwrap();
        let runs = TrackioSource::open(&path)
            .and_then(|mut source| source.runs().map(|runs| (source, runs)));
        match runs {
            Err(error) => assert!(error.to_string().contains("hint: "), "{error}"),
            Ok((mut source, runs)) => runs.iter().for_each(|run| drop(read(&mut source, run))),
        }
    }
}

#[test]
fn what_is_not_trackios_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!TrackioSource::looks_like(folder.path()));
    let mlflow = Connection::open(folder.path().join("mlflow.db")).unwrap();
    mlflow
        .execute_batch(
            "CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT)",
        )
        .unwrap();
    fs::write(folder.path().join("other.db"), "no database").unwrap();
    assert!(!TrackioSource::looks_like(folder.path()));
    let error = TrackioSource::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("hint: "), "{error}");
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
