//! A training that measures itself: how long its log calls take, how many steps it makes a second, how long its end
//! takes. `benchmarks/sync.py` runs it with and without a place that its run is sent to; `itself` has it send its run by
//! a thread of its own in place of `tracker sync`.
//!
//! ```sh
//! cargo run --release -p tracker-remote --example log_latency -- 20000 [itself]
//! ```

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// What a step computes beside logging: some 50 microseconds.
const WORK: u32 = 20_000;

fn main() -> tracker_core::Result<()> {
    if std::env::args().nth(2).is_some_and(|how| how == "itself") {
        tracker_remote::send_in_process();
    }
    let steps: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let run = tracker_core::init("latency").start()?;
    let mut took = Vec::with_capacity(steps as usize);
    let begun = Instant::now();
    for step in 0..steps {
        let loss = work(step);
        let before = Instant::now();
        run.log([("train/loss", loss), ("train/accuracy", 1.0 - loss)]);
        took.push(before.elapsed());
    }
    let trained = begun.elapsed();
    let before = Instant::now();
    let report = run.finish()?;
    let finish = before.elapsed();
    took.sort_unstable();
    let of_a_thousand = |rank: usize| micros(took[(took.len() - 1) * rank / 1_000]);
    println!(
        "{{\"steps_a_second\":{:.0},\"p50_us\":{:.2},\"p999_us\":{:.2},\"max_us\":{:.1},\"finish_ms\":{:.0},\"points\":{}}}",
        f64::from(steps) / trained.as_secs_f64(),
        of_a_thousand(500),
        of_a_thousand(999),
        of_a_thousand(1_000),
        micros(finish) / 1e3,
        report.points()
    );
    Ok(())
}

fn work(step: u32) -> f64 {
    let mut value = f64::from(step);
    for _ in 0..WORK {
        value = black_box(value * 0.999 + 0.1);
    }
    1.0 / (1.0 + value)
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
