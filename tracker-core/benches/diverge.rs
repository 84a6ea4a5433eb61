//! How long it takes to find where two runs of ten million points each begin to differ:
//! `cargo bench -p tracker-core --bench diverge`.
//!
//! The runs have 40 metrics of 250,000 steps. **Early** is a metric that leaves at step 1,000, which what the
//! parts say of blocks bounds; **hidden** a bit in the middle, which no block tells; **everywhere** every value from the
//! first step on. Medians.
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tracker_core::{
    Step, init,
    read::{RunReader, diverge},
};

const METRICS: u64 = 40;
const STEPS: u64 = 250_000;
const TIMES: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let bit = |value: f64| f64::from_bits(value.to_bits() ^ 1);
    let run = |change: &dyn Fn(u64, u64, f64) -> f64| write(folder.path(), change);
    let clean = run(&|_, _, value| value);
    let others = [
        ("equal", run(&|_, _, value| value)),
        (
            "early",
            run(&|metric, step, value| {
                if metric == 7 && step >= 1_000 { value * 1.01 } else { value }
            }),
        ),
        (
            "hidden",
            run(&|metric, step, value| {
                if (metric, step) == (7, 125_500) { bit(value) } else { value }
            }),
        ),
        ("everywhere", run(&|_, _, value| value + 1.0)),
    ];
    println!("two runs of {} points each, first difference found in", METRICS * STEPS);
    for (name, other) in others {
        let time = median(|| {
            let found = diverge(&clean, &other, |_| true, 1e-6).unwrap();
            found.bitwise.first().map(|point| point.step)
        });
        println!("  {name:<10} {time:>8.1?}");
    }
}

/// The value of a metric at a step: far from a constant, and the same each time.
fn value(metric: u64, step: u64) -> f64 {
    let mixed = (step * METRICS + metric).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    1.0 + (mixed >> 12) as f64 / (1_u64 << 52) as f64
}

fn write(store: &Path, change: &dyn Fn(u64, u64, f64) -> f64) -> RunReader {
    let run = init("diverge").dir(store).signals(false).code_changes(false).system_metrics(false);
    let run = run.default_rules(false).start().unwrap();
    let handles: Vec<_> = (0..METRICS).map(|metric| run.metric(&format!("m{metric}"))).collect();
    for step in 0..STEPS {
        for (metric, handle) in (0..).zip(&handles) {
            handle.log(step, change(metric, step, value(metric, step)));
        }
    }
    run.finish().unwrap();
    RunReader::open(run.path()).unwrap()
}

fn median(mut ask: impl FnMut() -> Option<Step>) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begin = Instant::now();
            std::hint::black_box(ask());
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[TIMES / 2]
}
