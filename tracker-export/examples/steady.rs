//! A training that only logs: three metrics at each of so many steps a second. `benchmarks/mirror_cost.py` measures what a
//! mirror beside it costs.
//!
//! `steady STORE SECONDS STEPS_PER_SECOND`

#![allow(clippy::print_stdout, reason = "an example")]

use std::{
    env, thread,
    time::{Duration, Instant},
};

use tracker_core::{init, metrics};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = env::args().skip(1);
    let store = words.next().ok_or("name a store")?;
    let seconds: u64 = words.next().ok_or("say for how many seconds")?.parse()?;
    let rate: u64 = words.next().ok_or("say how many steps a second")?.parse()?;
    let run = init("steady")
        .name("steady")
        .dir(store)
        .code_changes(false)
        .system_metrics(false)
        .start()?;
    let begun = Instant::now();
    let mut in_calls = Duration::ZERO;
    for step in 0..seconds * rate {
        let due = begun + Duration::from_nanos(step * 1_000_000_000 / rate);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let before = Instant::now();
        let value = 1.0 / (step + 1) as f64;
        run.log_at(step, metrics! { "loss" => value, "accuracy" => 1.0 - value, "lr" => 1e-3 });
        in_calls += before.elapsed();
    }
    run.finish()?;
    println!("{}", in_calls.as_nanos() / u128::from(seconds * rate));
    Ok(())
}
