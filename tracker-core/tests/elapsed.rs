//! How long runs took that crashed or were resumed.
#![expect(clippy::unwrap_used, reason = "a test says by a panic that it failed")]

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use tracker_core::{
    Point, Run, State, Timestamp, Tracker, init,
    read::{Elapsed, RunReader},
};

const SECOND: i64 = 1_000_000;

/// Logs a point at each of these seconds after the start.
fn log(run: &Run, start: Timestamp, seconds: &[i64]) {
    let metric = run.metric_id("loss");
    for (step, second) in seconds.iter().enumerate() {
        let time = Timestamp(start.as_micros() + second * SECOND);
        run.write(&[Point { time: Some(time), ..Point::new(metric, step as u64, 0.5) }]);
    }
}

fn change(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("run.json");
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut file);
    fs::write(&path, serde_json::to_vec(&file).unwrap()).unwrap();
}

fn read(folder: &Path) -> (State, Option<Elapsed>) {
    let run = RunReader::open(folder).unwrap();
    (run.state(), run.elapsed().unwrap())
}

/// What a run passed and trained in seconds, and whether it was until its last point.
fn seconds(folder: &Path) -> Option<(u64, u64, bool)> {
    let Elapsed { passed, trained, to_last_point, .. } = read(folder).1?;
    Some((passed.as_secs(), trained.as_secs(), to_last_point))
}

#[test]
fn a_resumed_run_trained_without_its_pause_and_a_crashed_one_took_until_its_last_point() {
    let folder = tempfile::tempdir().unwrap();
    let builder = || init("test").dir(folder.path()).signals(false).code_changes(false);
    let run = builder().start().unwrap();
    let start = run.reader().unwrap().info().started_at;
    log(&run, start, &[10, 50, 100]);
    run.finish().unwrap();
    let path = run.path().to_owned();
    assert!(read(&path).1.unwrap().passed < Duration::from_secs(10), "to the end that was seen");

    let resumed = builder().resume(run.id().as_str()).start().unwrap();
    log(&resumed, start, &[1_000, 1_060]);
    resumed.finish().unwrap();
    change(&path, |file| {
        file["finished_at"] = json!(Timestamp(start.as_micros() + 1_100 * SECOND).to_string());
    });
    assert_eq!(seconds(&path), Some((1_100, 200, false)));

    change(&path, |file| {
        (file["state"], file["finished_at"]) = (json!("running"), json!(null));
    });
    assert_eq!(read(&path).0, State::Crashed);
    assert_eq!(seconds(&path), Some((1_060, 160, true)));

    fs::remove_dir_all(path.join("scalars")).unwrap();
    assert_eq!(seconds(&path), None);
}

#[test]
fn a_run_that_lives_took_until_now() {
    let folder = tempfile::tempdir().unwrap();
    let run = init("test").dir(folder.path()).signals(false).start().unwrap();
    let (state, elapsed) = read(run.path());
    let elapsed = elapsed.unwrap();
    assert_eq!((state, elapsed.to_last_point), (State::Running, false));
    assert_eq!(elapsed.passed, elapsed.trained);
    run.finish().unwrap();
}
