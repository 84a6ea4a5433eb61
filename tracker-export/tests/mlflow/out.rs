use std::{path::Path, time::Duration};

use serde_json::json;
use tracker_core::{Cell, Event, Histogram, Image, Outcome, Step, Table, Tracker, read::RunReader};
use tracker_export::{
    Account, Ended, ForeignRun, MlflowSource, MlflowTarget, Patience, Result, Source, Target,
    export,
};

use crate::{
    database,
    fake_server::{FakeServer, Fault},
    kept::{self, Kept},
};

/// All that a path has: each run, what it told and the account.
pub(crate) fn read_all(path: &Path) -> Vec<(ForeignRun, Kept, Account)> {
    let mut source = MlflowSource::open(path).unwrap();
    let runs = source.runs().unwrap();
    let mut all = Vec::new();
    for run in runs {
        let (kept, account) = kept::read(&mut source, &run);
        all.push((run, kept, account));
    }
    all
}

const NAMES: [&str; 7] = ["train/loss", "acc %", "a//b", "../x", "größe", "a:3a", "valid/#1"];

fn hard_values() -> Vec<f64> {
    let mut values = vec![0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, 1e300, 0.0];
    values.extend((0_u32..400).map(|n| f64::from(n).sqrt() * 1e-7));
    values
}

/// A finished run with all that there is.
fn a_run(store: &Path) -> RunReader {
    let config = json!({"lr": 1e-3, "model": {"name": "mlp", "layers": [32, 64]}, "a.b": "17", "long": "x".repeat(7_000)});
    let run = tracker_core::init("digits")
        .dir(store)
        .name("first")
        .group("sweep")
        .tags(["paper", "b=c"])
        .notes("Two\nlines.")
        .config(&config)
        .start()
        .unwrap();
    for name in NAMES {
        for (step, value) in hard_values().into_iter().enumerate() {
            run.log_at(step, [(name, value)]);
        }
    }
    run.log_at(3, [("x".repeat(400).as_str(), 1.0)]);
    run.record(Event::Text { name: "said/50%".into(), step: Step(7), text: "hello".into() });
    let histogram = Histogram::new(0.0, 1.0, vec![1]);
    run.record(Event::Histogram { name: "h".into(), step: Step(1), histogram });
    run.log_media("valid/samples", 5, Image::gray8(2, 2, vec![0, 1, 2, 3]).unwrap());
    let row: [Cell; 3] = [7.5.into(), "seven".into(), f64::NAN.into()];
    run.log_media("guesses", 5, Table::new(["number", "word", "none"]).row(row));
    run.record(Event::About {
        topic: "model".into(),
        facts: json!({"parameters": 7}).as_object().unwrap().clone(),
    });
    let path = run.path().to_owned();
    let run: &dyn Tracker = &run;
    run.finish(Outcome::Stopped("stopped by the test".into())).unwrap();
    RunReader::open(path).unwrap()
}

fn patience() -> Patience {
    Patience::default().tries(5, Duration::from_millis(5)).answer(Duration::from_millis(1_500))
}

fn send(server: &FakeServer, run: &RunReader) -> Result<Account> {
    export(run, &mut MlflowTarget::open(&server.address, patience(), None).unwrap())
}

/// What MLflow can hold of a run's points: name, step, time in whole milliseconds, bits.
fn expected(run: &RunReader) -> Vec<(String, u64, i64, u64)> {
    let mut points = Vec::new();
    for series in run.points().unwrap().series {
        for row in series.rows {
            let millis = row.time.0.div_euclid(1_000);
            points.push((series.metric.clone(), row.step.0, millis * 1_000, row.value.to_bits()));
        }
    }
    points.sort();
    points
}

#[test]
fn a_run_comes_back_bit_for_bit_as_far_as_mlflow_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(&folder.path().join("store"));
    let server = FakeServer::start();
    let account = send(&server, &run).unwrap();
    database::write(&server.state.lock().unwrap(), folder.path());
    let (back, mut told, _) = read_all(folder.path()).pop().unwrap();
    told.points.sort();
    assert_eq!(told.points, expected(&run));
    let info = run.info();
    assert_eq!((back.project.as_deref(), back.name.as_deref()), (Some("digits"), Some("first")));
    assert_eq!(
        (back.group.as_deref(), back.notes.as_deref()),
        (Some("sweep"), Some("Two\nlines."))
    );
    assert_eq!((&back.tags, &back.config), (&info.tags, &info.config));
    assert_eq!(back.started_at, Some(info.started_at));
    assert_eq!(
        back.ended,
        Ended::As(Outcome::Stopped("stopped by the test".into()), info.finished_at)
    );
    let about = back.about.iter().find(|(topic, _)| topic == "model").unwrap();
    assert_eq!(about.1["parameters"], 7);
    let names: Vec<_> = told
        .events
        .iter()
        .map(|(_, event)| match event {
            Event::Text { name, step, text } => format!("{name} {step} {text}"),
            Event::Media { name, step, items } => format!("{name} {step} {}", items.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["valid/samples 5 1", "guesses 5 1", "said/50% 7 hello"]);
    let left_out: Vec<_> = account.left_out().keys().map(|left_out| left_out.what).collect();
    for what in ["histograms", "microseconds of times", "settings"] {
        assert!(left_out.contains(&what), "{what}: {left_out:?}");
    }
    assert_eq!(account.renamed()["acc %"], "acc :25");
    assert_eq!(server.run().info["status"], "KILLED");
}

#[test]
fn twice_is_once_and_costs_little() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path());
    let server = FakeServer::start();
    let first = send(&server, &run).unwrap();
    let before = server.run();
    let second = send(&server, &run).unwrap();
    let after = server.run();
    assert_eq!(before.points, after.points);
    assert_eq!(before.sent, after.sent, "the points of an ended run are not sent again");
    assert_eq!(first.kept()["points"], second.kept()["points"]);
}

#[test]
fn a_server_that_fails_in_any_way_gets_each_point_once() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path());
    let whole = FakeServer::start();
    send(&whole, &run).unwrap();
    for fault in [
        Fault::Status(429),
        Fault::StatusAfter(429, 0),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Hang,
        Fault::DieAfter,
        Fault::DieBefore,
    ] {
        for part in [
            "get-by-name",
            "experiments/create",
            "runs/search",
            "runs/create",
            "log-batch",
            "mlflow-artifacts",
            "update",
        ] {
            if fault == Fault::Hang && !matches!(part, "runs/create" | "log-batch") {
                continue;
            }
            let server = FakeServer::start();
            // What was made without a word of it is found, and not made again.
            let is_done = matches!(fault, Fault::Hang | Fault::DieAfter);
            let times = if is_done && part.ends_with("create") { 1 } else { 2 };
            server.fail(part, std::iter::repeat_n(fault, times));
            send(&server, &run).unwrap_or_else(|error| panic!("{part} {fault:?}: {error}"));
            let (one, other) = (server.run(), whole.run());
            assert_eq!(one.points, other.points, "{part} {fault:?}");
            assert_eq!((one.params, one.tags), (other.params, other.tags), "{part} {fault:?}");
            let state = server.state.lock().unwrap();
            assert!(state.faults.is_empty() && state.experiments.len() == 1, "{part} {fault:?}");
        }
    }
}

#[test]
fn a_server_that_stays_away_is_told_of_and_the_same_again_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path());
    let server = FakeServer::start();
    let error = {
        let mut target = MlflowTarget::open(&server.address, patience(), None).unwrap();
        let mut account = Account::default();
        target.begin(&run, &mut account).unwrap();
        let rows = run.series("train/loss").unwrap();
        target.points("train/loss", &rows, &mut account).unwrap();
        target.flush().unwrap();
        server.fail("log-batch", [Fault::Status(503); 5]);
        target.points("größe", &run.series("größe").unwrap(), &mut account).unwrap();
        target.flush().unwrap_err().to_string()
    };
    assert!(error.contains("HTTP 503") && error.contains("asked 5 times"), "{error}");
    assert!(error.contains("407 points have been written"), "{error}");
    assert!(error.contains("hint: do the same again"), "{error}");
    send(&server, &run).unwrap();
    let whole = FakeServer::start();
    send(&whole, &run).unwrap();
    assert_eq!(server.run().points, whole.run().points);
}

#[test]
fn a_server_that_wishes_too_long_a_wait_or_refuses_is_not_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path());
    for fault in [
        Fault::StatusAfter(429, 100_000),
        Fault::Status(401),
        Fault::Status(302),
        Fault::Status(400),
    ] {
        let server = FakeServer::start();
        server.fail("log-batch", [fault]);
        let error = send(&server, &run).unwrap_err().to_string();
        assert!(error.contains("HTTP ") && error.contains("hint: "), "{error}");
        assert_eq!(server.asked("log-batch"), 1, "{error}");
    }
}

#[test]
fn a_target_that_is_opened_at_a_place_goes_on_with_the_same_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path());
    let server = FakeServer::start();
    let mut account = Account::default();
    let mut target = MlflowTarget::open(&server.address, patience(), None).unwrap();
    target.begin(&run, &mut account).unwrap();
    let rows = run.series("train/loss").unwrap();
    target.points("train/loss", &rows[..100], &mut account).unwrap();
    let place = target.flush().unwrap();
    target.points("train/loss", &rows[100..200], &mut account).unwrap();
    target.flush().unwrap();
    let mut target = MlflowTarget::open(&server.address, patience(), Some(&place)).unwrap();
    target.begin(&run, &mut account).unwrap();
    target.points("train/loss", &rows[100..], &mut account).unwrap();
    target.end(&run, &mut account).unwrap();
    assert_eq!(server.run().points.len(), rows.len());
    let gone = json!({ "run": "run77" });
    let mut target = MlflowTarget::open(&server.address, patience(), Some(&gone)).unwrap();
    let error = target.begin(&run, &mut account).unwrap_err().to_string();
    assert!(error.contains("run77") && error.contains("hint: forget the place"), "{error}");
    server.fail("runs/get", [Fault::Status(503); 5]);
    let error = target.begin(&run, &mut account).unwrap_err().to_string();
    assert!(error.contains("HTTP 503") && error.contains("hint: do the same again"), "{error}");
}

#[test]
fn files_are_told_of_where_the_server_takes_none() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path());
    let server = FakeServer::start();
    server.state.lock().unwrap().has_no_artifacts = true;
    let account = send(&server, &run).unwrap();
    let reasons: Vec<_> = account
        .left_out()
        .keys()
        .filter(|left_out| left_out.why.contains("--serve-artifacts"))
        .collect();
    assert_eq!(reasons.len(), 4, "settings, pictures, tables, texts: {reasons:?}");
    assert_eq!(server.asked("mlflow-artifacts"), 0);
}

#[test]
fn points_that_mlflow_does_not_hold_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let run = tracker_core::init("digits").dir(folder.path()).start().unwrap();
    for (step, value) in
        [(0_u64, -0.0), (1, f64::MAX), (2, f64::from_bits(0x7ff8_0000_0000_0001)), (u64::MAX, 1.0)]
    {
        run.log_at(step, [("x", value)]);
    }
    let path = run.path().to_owned();
    run.finish().unwrap();
    let server = FakeServer::start();
    let account = send(&server, &RunReader::open(path).unwrap()).unwrap();
    for what in ["signs of zeros", "values of 1.797e308", "bits of NaN", "points"] {
        let counts: Vec<_> =
            account.left_out().iter().filter(|(left_out, _)| left_out.what == what).collect();
        assert_eq!(counts.iter().map(|(_, count)| **count).sum::<u64>(), 1, "{what}");
    }
}

/// A mirror tries the first again until it works, and gives the second up at once.
#[test]
fn a_server_that_is_down_may_answer_later_and_one_that_refuses_will_not() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let short = Patience::default().tries(2, Duration::from_millis(5));
    let mut target = MlflowTarget::open(&format!("http://{free}"), short, None).unwrap();
    let error = export(&run, &mut target).unwrap_err();
    assert!(error.may_pass() && error.to_string().contains("hint: "), "{error}");
    let refusing = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", refusing.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in refusing.incoming() {
            use std::io::{Read, Write};
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    let mut target = MlflowTarget::open(&address, short, None).unwrap();
    assert!(!export(&run, &mut target).unwrap_err().may_pass());
}
