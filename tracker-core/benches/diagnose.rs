//! How long it takes to look a run of ten million points over: `cargo bench -p tracker-core --bench diagnose`.
//!
//! The run has 40 metrics of 250,000 steps: losses, the size of updates, step times, and layers. One of them is not
//! finite near the end, one loss has a spike. With `-- FOLDER` the run stays in that store, for other measurements.
//! The median of five looks, each with files that were never opened before.
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tracker_core::{
    init,
    read::{RunReader, diagnose},
};

const METRICS: u64 = 40;
const STEPS: u64 = 250_000;
const TIMES: usize = 5;
const NAMES: [&str; 4] =
    ["batch/train/loss", "valid/loss", "updates/ratio", "batch/train/step_seconds"];

fn main() {
    let kept = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let folder = tempfile::tempdir().unwrap();
    let path = write(kept.as_deref().map_or(folder.path(), Path::new));
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let run = RunReader::open(&path).unwrap();
            let begin = Instant::now();
            let found = diagnose(&run).unwrap();
            let time = begin.elapsed();
            assert!(found.findings.len() >= 2, "{found:#?}");
            time
        })
        .collect();
    times.sort_unstable();
    println!("a run of {} points looked over in {:.1?}", METRICS * STEPS, times[TIMES / 2]);
}

/// From 0 to 1, and the same each time.
fn drawn(metric: u64, step: u64) -> f64 {
    let mixed = (step * METRICS + metric + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 12) as f64 / (1_u64 << 52) as f64
}

fn value(metric: u64, step: u64) -> f64 {
    match (metric, step) {
        (0, 123_456) => 90.0,
        (7, 200_001..) => f64::NAN,
        (0 | 1, _) => {
            2.3 * (-4.0 * step as f64 / STEPS as f64).exp() * (0.7 + 0.6 * drawn(metric, step))
        }
        _ => 0.01 + drawn(metric, step) / 100.0,
    }
}

fn write(store: &Path) -> std::path::PathBuf {
    let run = init("diagnose").dir(store).signals(false).code_changes(false).system_metrics(false);
    let run = run.default_rules(false).start().unwrap();
    let name = |metric: usize| match NAMES.get(metric) {
        Some(name) => (*name).to_owned(),
        None => format!("gradients/layer{metric}/norm"),
    };
    let handles: Vec<_> = (0..METRICS as usize).map(|metric| run.metric(&name(metric))).collect();
    for step in 0..STEPS {
        for (metric, handle) in (0..).zip(&handles) {
            handle.log(step, value(metric, step));
        }
    }
    run.finish().unwrap();
    run.path().to_owned()
}
