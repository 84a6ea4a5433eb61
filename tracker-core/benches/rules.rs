//! What rules cost the writer thread, a point: `cargo bench -p tracker-core --bench rules`.
//!
//! The values are losses as those of small batches: their logarithms vary. **Without rules** is the same walk over
//! them, whose cost is taken off the others.
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{hint::black_box, time::Instant};

use tracker_core::{Rule, testing::pass_rules};

const POINTS: usize = 1 << 20;
const TIMES: usize = 15;
/// As many points as a turn of the writer thread may have.
const TURN: usize = 1_024;

fn main() {
    let losses = losses();
    let usual = || vec![Rule::not_finite("*"), Rule::spike("*loss"), Rule::stall()];
    let none = nanoseconds(&losses, "loss", Vec::new);
    println!("{:<48} {:>12}", "of 1,048,576 points", "ns a point");
    println!("{:<48} {none:>12.2}", "without rules");
    for (what, metric) in [
        ("the usual rules, of which none looks", "accuracy"),
        ("the usual rules, of which one looks for spikes", "loss"),
    ] {
        println!("{what:<48} {:>12.2}", nanoseconds(&losses, metric, usual) - none);
    }
}

fn nanoseconds(values: &[f64], metric: &str, rules: impl Fn() -> Vec<Rule>) -> f64 {
    let mut times: Vec<f64> = (0..TIMES)
        .map(|_| {
            let since = Instant::now();
            black_box(pass_rules(rules(), metric, black_box(values), TURN));
            since.elapsed().as_secs_f64() * 1e9 / values.len() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[TIMES / 2]
}

fn losses() -> Vec<f64> {
    let mut state = 7_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..POINTS).map(|_| ((0..12).map(|_| uniform()).sum::<f64>() / 2.0 - 3.0).exp()).collect()
}
