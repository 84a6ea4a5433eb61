//! What log calls cost, and how the cost grows with their number.
//!
//! `cargo bench -p tracker-core --bench log_calls` prints two tables. Each step logs two scalars.
//! The baselines run in the same process right before: a bare read of the clock, and a CSV line
//! by hand through a `BufWriter` that is flushed at every step, as people who want to see their
//! curves after a crash write it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may panic")]

use std::{
    fs::File,
    hint::black_box,
    io::{BufWriter, Write},
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};
use tracker_core::{Run, init, metrics};

fn main() {
    let store = tempfile::tempdir().unwrap();
    one_call(&store);
    growth(&store);
}

/// CPU time of all threads of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap()
}

fn start(store: &tempfile::TempDir) -> Run {
    init("bench").dir(store.path()).start().unwrap()
}

fn loss(step: u64) -> f64 {
    1.0 / (1.0 + step as f64 / 1_000.0)
}

/// Latency of one call among a million, early and late, beside the baselines.
fn one_call(store: &tempfile::TempDir) {
    const CALLS: u64 = 1_000_000;
    let clock = sample(CALLS, |_| {
        black_box(Instant::now());
    });

    let mut csv = BufWriter::new(File::create(store.path().join("baseline.csv")).unwrap());
    let by_hand = sample(CALLS, |step| {
        writeln!(csv, "{step},{},{}", loss(step), loss(step + 1)).unwrap();
        csv.flush().unwrap();
    });

    let run = start(store);
    let (loss_metric, accuracy) = (run.metric("train/loss"), run.metric("train/accuracy"));
    let handles = sample(CALLS, |step| {
        let points = [loss_metric.point(step, loss(step)), accuracy.point(step, loss(step + 1))];
        tracker_core::Tracker::write(&run, &points);
    });
    run.finish().unwrap();

    let run = start(store);
    let named = sample(CALLS, |step| {
        run.log_at(step, metrics! { "train/loss" => loss(step), "train/accuracy" => loss(step) });
    });
    run.finish().unwrap();

    println!("\none step of two scalars, {CALLS} calls, nanoseconds");
    println!("                                median   p99.9   /clock   last 1,000 / early 1,000");
    for (name, samples) in [
        ("bare read of the clock", &clock),
        ("CSV line by hand, flushed", &by_hand),
        ("two handles, one call", &handles),
        ("metrics! by name", &named),
    ] {
        println!(
            "{name:<30} {:>7} {:>7} {:>8.1} {:>10.2}",
            quantile(samples, 500),
            quantile(samples, 999),
            quantile(samples, 500) as f64 / quantile(&clock, 500) as f64,
            quantile(&samples[samples.len() - 1_000..], 500) as f64
                / quantile(&samples[9_000..10_000], 500) as f64,
        );
    }
}

fn sample(calls: u64, mut call: impl FnMut(u64)) -> Vec<u64> {
    let timed = |step| {
        let since = Instant::now();
        call(step);
        since.elapsed().as_nanos() as u64
    };
    (0..calls).map(timed).collect()
}

/// The value below which `per_mille` thousandths of the samples lie.
fn quantile(samples: &[u64], per_mille: usize) -> u64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() - 1) * per_mille / 1_000]
}

/// CPU time of a whole run by its number of steps: log calls, writing, sealing, start and finish.
fn growth(store: &tempfile::TempDir) {
    println!("\nCPU of a whole run, all threads, two scalars a step");
    println!(
        "    steps   a call a step   µs a step   1,000 steps a call   µs a step   single/batched"
    );
    for steps in [1_000_u64, 10_000, 100_000, 1_000_000, 10_000_000] {
        let single = whole_run(store, |run| {
            for step in 0..steps {
                run.log_at(step, metrics! { "train/loss" => loss(step), "lr" => 1e-3 });
            }
        });
        let batched = whole_run(store, |run| {
            for first in (0..steps).step_by(1_000) {
                let batch = (first..first + 1_000)
                    .map(|step| (step, metrics! { "train/loss" => loss(step), "lr" => 1e-3 }));
                run.log_epochs(batch);
            }
        });
        let each = |total: Duration| total.as_secs_f64() * 1e6 / steps as f64;
        println!(
            "{steps:>9} {:>12.1} ms {:>11.2} {:>17.1} ms {:>11.2} {:>16.2}",
            single.as_secs_f64() * 1e3,
            each(single),
            batched.as_secs_f64() * 1e3,
            each(batched),
            single.as_secs_f64() / batched.as_secs_f64(),
        );
    }
}

fn whole_run(store: &tempfile::TempDir, log: impl FnOnce(&Run)) -> Duration {
    let before = cpu();
    let run = start(store);
    log(&run);
    let report = run.finish().unwrap();
    assert!(report.problems().is_empty(), "{report}");
    let spent = cpu().saturating_sub(before);
    std::fs::remove_dir_all(run.path()).unwrap();
    spent
}
