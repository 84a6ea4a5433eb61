//! How soon another process sees what was logged.
//!
//! A process logs, each millisecond, the time at which it does so. This one reads the run over
//! and over and compares that time with the one at which it has found the value: the time that
//! reading takes is part of it.

use std::{
    hint::black_box,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tracker_core::{Timestamp, Tracker, init, read::RunReader};

use crate::{
    Scale,
    child::{self, Beside},
    quantile::{median, quantile, sorted},
    scratch,
    table::{Table, at_most},
};

pub(crate) const ROLE: &str = "visible-steps";

const METRIC: &str = "sent";
const STEPS: usize = 5_000;

/// How long the process waits between two steps.
const PAUSE: Duration = Duration::from_millis(1);

/// How long this one waits before it reads again.
const LOOK: Duration = Duration::from_millis(1);

/// When a reader that misses points gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Steps that are logged before the reader has found the run.
const UNTIMED: usize = 200;

pub(crate) fn run(_: Scale) {
    let folder = scratch::folder();
    let mut command = child::command(ROLE, &[]);
    command.env("TRACKER_DIR", folder.path());
    let mut logger = Beside::start(command);
    let path = logger.line();
    let delays = sorted(&watch(Path::new(&path)));
    let call: f64 = logger.line().parse().unwrap();

    let columns =
        ["milliseconds from the call", "p50", "p95", "max", "goal for max", "p99.9 of the calls"];
    let title = format!("when another process sees a point, of {} points", delays.len());
    let mut table = Table::new(title, &columns);
    let [middle, most, longest] = [0.5, 0.95, 1.0].map(|part| quantile(&delays, part));
    table.row([
        "a step each millisecond".to_owned(),
        format!("{middle:.1}"),
        format!("{most:.1}"),
        format!("{longest:.1}"),
        at_most(longest, 50.0, " ms"),
        format!("{:.1} µs", call / 1e3),
    ]);
    table.print();
}

/// Reads until all steps are there. Returns how many milliseconds each took.
fn watch(path: &Path) -> Vec<f64> {
    let mut delays = Vec::new();
    let mut seen = 0;
    let since = Instant::now();
    while seen < STEPS {
        let reader = RunReader::open(path).unwrap();
        // Before its first point, the run has no such metric.
        let rows = reader.series(METRIC).unwrap_or_default();
        let now = Timestamp::now().as_micros() as f64;
        let new = rows.iter().skip(seen.max(UNTIMED));
        delays.extend(new.map(|row| (now - row.value) / 1e3));
        seen = rows.len();
        assert!(since.elapsed() < PATIENCE, "only {seen} of {STEPS} points were ever seen");
        thread::sleep(LOOK);
    }
    delays
}

/// The process that is watched: prints its run's folder, logs, and prints the 99.9th percentile of
/// its calls, net of the clock and in nanoseconds.
pub(crate) fn log_times(_: &[String]) {
    let run = init("visible").start().unwrap();
    let metric = run.metric(METRIC);
    println!("{}", run.path().display());
    let mut calls = Vec::with_capacity(STEPS);
    let mut empty = Vec::with_capacity(STEPS);
    for step in 0..STEPS {
        let since = Instant::now();
        black_box(step);
        empty.push(since.elapsed().as_nanos() as f64);
        let points = [metric.point(step, Timestamp::now().as_micros())];
        let since = Instant::now();
        run.write(&points);
        calls.push(since.elapsed().as_nanos() as f64);
        thread::sleep(PAUSE);
    }
    // Before the figure: whoever reads that ends this process.
    run.finish().unwrap();
    println!("{}", quantile(&sorted(&calls), 0.999) - median(&empty));
}
