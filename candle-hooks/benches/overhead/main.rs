//! What hooks cost a Candle training.
//!
//! ```text
//! cargo bench -p candle-hooks --bench overhead
//! cargo bench -p candle-hooks --bench overhead -- --rounds 2000
//! ```
//!
//! A network of 784, 100 and 10 units learns MNIST digits, 64 a batch, with `AdamW`. All ways train
//! side by side in one process: in each round, each of them takes 50 steps, in an order
//! that is drawn anew for each round. After ten rounds, all trainings begin anew.
//!
//! | row | what |
//! |---|---|
//! | bare | the loop as people write it: it reads the loss of each step and counts right answers |
//! | bare again | the same once more: how far two equal trainings are apart |
//! | hooks | epochs, batches, optimizer and accuracy through the hooks, with the norm of the gradients every 10 steps |
//! | hooks and watch | `hooks.watch(&varmap)`, too: all statistics every 50 steps, and a flight recorder |
//!
//! What is compared is the CPU time of all threads. That of tracker's own threads counts for the way
//! whose run they write, in each of its rounds and the round after that. A ratio is the geometric
//! mean, over all starts, of a way's time by that of `bare` since the same start, with a 95 % interval
//! from 10,000 resamples of the starts. Where the two bare ways are more than 0.5 % apart, the machine
//! is too busy, and the ratios say nothing.
//!
//! The same is done with a network that computes next to nothing. There the microseconds of the
//! hooks stand out from the noise.
//!
//! Candle computes on one thread (`RAYON_NUM_THREADS=1`, unless it is set).

#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]
#![allow(clippy::cast_sign_loss, reason = "counts and times are not negative")]

#[path = "../../../benchmarks/benches/store/machine.rs"]
mod machine;
#[path = "../../../benchmarks/benches/shared/one_thread.rs"]
mod one_thread;
#[path = "../../../benchmarks/benches/shared/random.rs"]
mod random;
#[path = "../../../benchmarks/benches/shared/ratio.rs"]
mod ratio;
#[path = "../../../benchmarks/benches/store/scratch.rs"]
mod scratch;
#[path = "../../../benchmarks/benches/store/table.rs"]
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod table;
mod threads;
mod training;

use std::{env, path::Path, process::ExitCode};

use one_thread::THREADS;
use random::Random;
use ratio::Ratio;
use table::{Table, at_most};
use training::{STEPS, Size, TINY, Training, USUAL, WAYS, Way, cpu_seconds};

/// How many rounds are trained without an argument.
const ROUNDS: usize = 600;

/// How many rounds the trainings go on before they are made anew.
const ROUNDS_A_START: usize = 10;

/// How far the two bare ways may be apart, in percent.
const NOISE: f64 = 0.5;

fn main() -> ExitCode {
    one_thread::run(ROUNDS, measure)
}

fn measure(rounds: usize) {
    println!("{}", machine::heading());
    let threads = env::var(THREADS).unwrap_or_default();
    println!("{STEPS} steps a round, {THREADS}={threads}, {rounds} rounds");
    let seconds = measure_size(USUAL, rounds);
    report("a network of 784, 100 and 10 units", &seconds);
    report_ratios(&seconds);
    report("a network of 8, 4 and 10 units", &measure_size(TINY, rounds));
}

fn measure_size(size: Size, rounds: usize) -> [Vec<f64>; WAYS.len()] {
    let folder = scratch::folder();
    let mut seconds: [Vec<f64>; WAYS.len()] = Default::default();
    let mut random = Random::new();
    for _ in 0..rounds.div_ceil(ROUNDS_A_START) {
        let of_start = measure_once(size, &mut random, folder.path());
        for (all, new) in seconds.iter_mut().zip(of_start) {
            all.push(new);
        }
    }
    seconds
}

/// The seconds of some rounds with trainings that are made for them, in any order: where in memory
/// their weights come to lie makes some of them a percent faster than others.
fn measure_once(size: Size, random: &mut Random, folder: &Path) -> [f64; WAYS.len()] {
    let mut order: Vec<usize> = (0..WAYS.len()).collect();
    random.shuffle(&mut order);
    let mut made: Vec<(usize, Training)> =
        order.iter().map(|index| (*index, Training::new(WAYS[*index], size, folder))).collect();
    made.sort_by_key(|(index, _)| *index);
    let mut trainings: Vec<Training> = made.into_iter().map(|(_, training)| training).collect();
    for training in &mut trainings {
        training.round();
    }
    let mut seconds = [0.0; WAYS.len()];
    let mut of_trackers = tracker_seconds(&trainings);
    let mut last = WAYS.len() - 1;
    for _ in 0..ROUNDS_A_START {
        random.shuffle(&mut order);
        for &index in &order {
            let begun = cpu_seconds();
            trainings[index].round();
            seconds[index] += cpu_seconds() - begun;
            let now = tracker_seconds(&trainings);
            let taken: Vec<f64> =
                now.iter().zip(&of_trackers).map(|(now, then)| now - then).collect();
            seconds[index] -= taken.iter().sum::<f64>();
            seconds[index] += taken[index];
            if last != index {
                seconds[last] += taken[last];
            }
            (of_trackers, last) = (now, index);
        }
    }
    for training in trainings {
        training.finish();
    }
    seconds
}

fn tracker_seconds(trainings: &[Training]) -> Vec<f64> {
    trainings.iter().map(Training::tracker_seconds).collect()
}

/// What a step takes, and how much of it is the hooks'.
fn report(title: &str, seconds: &[Vec<f64>; WAYS.len()]) {
    let mut table = Table::new(title, &["", "µs a step", "more than bare"]);
    let a_step = |way: Way| {
        let of_way = &seconds[way as usize];
        let steps = of_way.len() * ROUNDS_A_START * STEPS;
        of_way.iter().sum::<f64>() / steps as f64 * 1e6
    };
    let bare = f64::midpoint(a_step(Way::Bare), a_step(Way::BareAgain));
    for way in WAYS {
        let more = a_step(way) - bare;
        table.row([way.name().to_owned(), format!("{:.2}", a_step(way)), format!("{more:+.2}")]);
    }
    table.print();
}

fn report_ratios(seconds: &[Vec<f64>; WAYS.len()]) {
    let title = "CPU time of all threads by that of the bare loop";
    let mut table = Table::new(title, &["", "ratio", "95 % interval", "goal"]);
    for way in WAYS {
        let ratio = Ratio::of(&seconds[way as usize], &seconds[Way::Bare as usize]);
        let percent = (ratio.mean - 1.0) * 100.0;
        table.row([
            way.name().to_owned(),
            format!("{:.4}", ratio.mean),
            format!("{:.4} to {:.4}", ratio.low, ratio.high),
            way.goal().map_or_else(String::new, |goal| at_most(percent, goal, " %")),
        ]);
    }
    table.print();
    let noise = Ratio::of(&seconds[Way::BareAgain as usize], &seconds[Way::Bare as usize]);
    if ((noise.mean - 1.0) * 100.0).abs() > NOISE {
        println!("inconclusive: the two bare ways are more than {NOISE} % apart");
    }
}
