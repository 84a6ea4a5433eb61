//! How quickly runs come in from elsewhere: `cargo bench -p tracker-core --bench import`. A number after `--` says of
//! how many points; `/usr/bin/time -v` says what memory that needs.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "it prints its table")]

use std::time::Instant;

use tracker_core::{Outcome, Step, Timestamp, import::Import};

const POINTS: u64 = 10_000_000;
const METRICS: [&str; 8] =
    ["train/loss", "train/accuracy", "valid/loss", "valid/accuracy", "lr", "norm", "time", "epoch"];

fn main() {
    let given = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let points: u64 = given.unwrap_or(POINTS);
    let root = tempfile::tempdir().unwrap();
    for what in ["new", "already there"] {
        let since = Instant::now();
        let mut run = Import::new("bench", "bench/1").dir(root.path()).start().unwrap();
        let mut state = 7_u64;
        for n in 0..points {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = (state >> 11) as f64 / (1_u64 << 53) as f64;
            let time = Timestamp(1_600_000_000_000_000 + n.cast_signed() * 125);
            let metric = METRICS[(n % 8) as usize];
            run.point(metric, Step(n / 8), time, value).unwrap();
        }
        let done = run.finish(Outcome::Finished, None).unwrap();
        assert_eq!(done.arrival.to_string(), what);
        let seconds = since.elapsed().as_secs_f64();
        let rate = points as f64 / seconds / 1e6;
        println!("{points} points, {what:<14} {seconds:>6.2} s {rate:>6.1} million a second");
    }
}
