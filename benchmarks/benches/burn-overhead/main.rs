//! What tracking a Burn training costs.
//!
//! ```text
//! cargo bench --manifest-path benchmarks/Cargo.toml --bench burn-overhead
//! cargo bench --manifest-path benchmarks/Cargo.toml --bench burn-overhead -- --rounds 100
//! ```
//!
//! The model and the images are those of `examples/burn-mnist`. A round trains it once in each of
//! these ways, in an order that is drawn anew:
//!
//! | row | what |
//! |---|---|
//! | bare | Burn alone, with its own file logger |
//! | bare again | the same once more: how far two equal trainings are apart |
//! | track | `.track_in(&run, ..)` added |
//! | track and watch | the model goes through `run.watch(model)`, too, which has a flight recorder |
//!
//! All have the same metrics and a renderer that draws nothing. What is timed is one epoch with
//! its validation, as the call of `launch`; its CPU time is that of all threads, and changes less
//! with what else the machine does. A figure is the geometric mean over the rounds of a
//! way's time by that of `bare` in the same round, with a 95 % interval from 10,000 resamples.
//!
//! Burn computes on one thread (`RAYON_NUM_THREADS=1`, unless it is set), so that tracker's
//! threads find a core of their own where there are two, as they do in a training on a GPU.

#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

#[path = "../../../examples/burn-mnist/src/data.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod data;
#[path = "../store/machine.rs"]
mod machine;
#[path = "../../../examples/burn-mnist/src/model.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod model;
#[path = "../shared/one_thread.rs"]
mod one_thread;
#[path = "../../../tests/drawn/src/quiet.rs"]
mod quiet;
#[path = "../shared/random.rs"]
mod random;
#[path = "../shared/ratio.rs"]
mod ratio;
#[path = "../store/scratch.rs"]
mod scratch;
#[path = "../store/table.rs"]
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod table;
mod training;

use std::{env, process::ExitCode};

use one_thread::THREADS;
use random::Random;
use ratio::Ratio;
use table::{Table, at_most};
use training::{Bench, Taken, WAYS, Way};

/// How many rounds are trained without an argument.
const ROUNDS: usize = 40;

fn main() -> ExitCode {
    one_thread::run(ROUNDS, measure)
}

fn measure(rounds: usize) {
    println!("{}", machine::heading());
    let folder = scratch::folder();
    let bench = Bench::new(folder.path(), 1);
    let threads = env::var(THREADS).unwrap_or_default();
    println!("{}, {THREADS}={threads}, {rounds} rounds", bench.size());
    for way in WAYS {
        bench.train(way);
    }
    let mut epochs: [Vec<Taken>; WAYS.len()] = Default::default();
    let mut random = Random::new();
    let mut order: Vec<usize> = (0..WAYS.len()).collect();
    for _ in 0..rounds {
        random.shuffle(&mut order);
        for &index in &order {
            epochs[index].push(bench.train(WAYS[index]));
        }
    }
    report("time of an epoch by that of the bare training", &epochs, |epoch| epoch.seconds);
    report("CPU time of all threads, likewise", &epochs, |epoch| epoch.cpu_seconds);
}

fn report(title: &str, epochs: &[Vec<Taken>; WAYS.len()], of: fn(&Taken) -> f64) {
    let seconds = |way: Way| epochs[way as usize].iter().map(of).collect::<Vec<_>>();
    let mut table = Table::new(title, &["", "seconds", "ratio", "95 % interval", "goal"]);
    for way in WAYS {
        let of_way = seconds(way);
        let ratio = Ratio::of(&of_way, &seconds(Way::Bare));
        let percent = (ratio.mean - 1.0) * 100.0;
        table.row([
            way.name().to_owned(),
            format!("{:.3}", of_way.iter().sum::<f64>() / of_way.len() as f64),
            format!("{:.4}", ratio.mean),
            format!("{:.4} to {:.4}", ratio.low, ratio.high),
            way.goal().map_or_else(String::new, |goal| at_most(percent, goal, " %")),
        ]);
    }
    table.print();
}
