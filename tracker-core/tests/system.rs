//! What the machine does stands in a run beside what it trains.

#![cfg(not(feature = "portable"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tracker_core::{Readings, Run, RunBuilder, Sensor, Step, init};

fn builder(store: &Path) -> RunBuilder {
    init("machine").dir(store).code_changes(false)
}

/// Trains for so long that the machine is looked at once.
fn train(run: &Run) {
    for step in 0..30_u32 {
        run.log_at(u64::from(step), [("loss", 1.0 / f64::from(step + 1))]);
    }
    thread::sleep(Duration::from_millis(1_500));
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_knows_what_its_machine_did() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).start().unwrap();
    train(&run);
    let report = run.finish().unwrap();
    assert_eq!(report.problems(), []);
    assert!(report.to_string().contains("system/…"), "{report}");

    let read = run.reader().unwrap();
    for (metric, unit) in [
        ("system/cpu", "%"),
        ("system/memory_share", "%"),
        ("system/disk.free", "B"),
        ("system/process.memory", "B"),
        ("system/process.cpu", "cores"),
    ] {
        let rows = read.series(metric).unwrap();
        assert_eq!(rows.len(), 1, "{metric}");
        assert_eq!(rows[0].step, Step(1), "{metric} stands at its second");
        assert!(rows[0].value >= 0.0, "{metric}: {}", rows[0].value);
        let definition = &read.info().definitions[metric];
        assert_eq!(definition.unit.as_deref(), Some(unit), "{metric}");
    }
    assert_eq!(read.last_step().unwrap(), Some(Step(29)), "that of the training");
    let stored: usize =
        read.metrics().unwrap().iter().map(|metric| read.series(metric).unwrap().len()).sum();
    assert_eq!(report.points(), stored as u64);
}

#[test]
fn a_run_that_wants_to_know_nothing_of_it_is_told_nothing() {
    let store = tempfile::tempdir().unwrap();
    let run = builder(store.path()).system_metrics(false).sensor(Room(0)).start().unwrap();
    train(&run);
    run.finish().unwrap();
    assert_eq!(run.reader().unwrap().metrics().unwrap(), ["loss"]);
}

/// Is warmer each time that it is asked.
#[derive(Debug)]
struct Room(u32);

impl Sensor for Room {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        self.0 += 1;
        readings.add("room.temperature", "°C", 20.0 + f64::from(self.0));
        Ok(())
    }
}

#[derive(Debug)]
struct Broken;

impl Sensor for Broken {
    fn sample(&mut self, _: &mut Readings) -> Result<(), String> {
        Err("no thermometer".to_owned())
    }
}

#[derive(Debug)]
struct Panicking;

impl Sensor for Panicking {
    fn sample(&mut self, _: &mut Readings) -> Result<(), String> {
        panic!("a sensor gave up")
    }
}

#[test]
fn sensors_of_the_programs_own_are_asked_too_and_harm_nothing() {
    let store = tempfile::tempdir().unwrap();
    let run =
        builder(store.path()).sensor(Panicking).sensor(Broken).sensor(Room(0)).start().unwrap();
    train(&run);
    let report = run.finish().unwrap();
    let problems: Vec<_> =
        report.problems().iter().map(|problem| (problem.kind.as_str(), problem.count)).collect();
    assert_eq!(problems, [("sensor-failed", 2)]);
    let read = run.reader().unwrap();
    let rows = read.series("system/room.temperature").unwrap();
    assert_eq!(rows.iter().map(|row| row.value).collect::<Vec<_>>(), [21.0]);
}

/// Answers a second time after the end of the test.
#[derive(Debug)]
struct Stuck(u32);

impl Sensor for Stuck {
    fn sample(&mut self, readings: &mut Readings) -> Result<(), String> {
        self.0 += 1;
        if self.0 > 1 {
            println!("stuck");
            thread::sleep(Duration::from_hours(1));
        }
        readings.add("stuck", "", 1.0);
        Ok(())
    }
}

/// A process of its own, as the sampling thread is one a process.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn process() {
    let Some(role) = common::role() else { return };
    match role.as_str() {
        "ends-between-two-looks" => {
            let run = init("machine").sensor(Room(0)).start().unwrap();
            run.log([("loss", 0.5)]);
            // Looked at after 1, 2 and 5 seconds.
            thread::sleep(Duration::from_millis(4_300));
            run.finish().unwrap();
        }
        "stuck" => {
            let run = init("machine").sensor(Stuck(0)).start().unwrap();
            run.log([("loss", 0.5)]);
            thread::sleep(Duration::from_millis(2_500));
            let began = Instant::now();
            run.finish().unwrap();
            assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        }
        other => panic!("no role {other}"),
    }
}

fn played(role: &str, store: &Path) {
    let mut command = common::command("process", role, store);
    let output = command.env("TRACKER_SYSTEM", "4").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_ends_is_looked_at_once_more_if_the_last_look_is_old() {
    let store = tempfile::tempdir().unwrap();
    played("ends-between-two-looks", store.path());
    let run = common::only_run(store.path());
    let steps = common::steps(&run, "system/process.memory");
    if steps.last() >= Some(&5) {
        return; // The machine had so much to do that the third look came before the end.
    }
    for metric in ["system/cpu", "system/process.memory", "system/process.cpu"] {
        assert_eq!(common::steps(&run, metric), [1, 2, 4], "{metric}");
    }
    let metric = "system/room.temperature";
    assert_eq!(common::steps(&run, metric), [1, 2], "nobody waits for it");
}

#[test]
fn a_sensor_that_does_not_come_back_holds_up_no_end() {
    let store = tempfile::tempdir().unwrap();
    played("stuck", store.path());
    let run = common::only_run(store.path());
    assert_eq!(common::steps(&run, "system/stuck"), [1]);
    assert_eq!(run.state(), tracker_core::State::Finished);
}
