//! What hooks cost a Candle training.
//!
//! ```text
//! cargo bench -p candle-hooks --bench overhead
//! cargo bench -p candle-hooks --bench overhead -- --rounds 2000
//! ```
//!
//! A network of 784, 100 and 10 units learns MNIST digits, 64 a batch, with `AdamW`. All ways train
//! side by side in one process: in each round, each of them takes 50 steps, in an order that
//! changes from round to round. Twelve times, all trainings begin anew.
//!
//! | row | what |
//! |---|---|
//! | bare | the loop as people write it: it reads the loss of each step and counts right answers |
//! | bare again | the same once more: how far two equal trainings are apart |
//! | hooks | epochs, batches, optimizer and accuracy through the hooks, with the norm of the gradients every 10 steps |
//! | hooks and watch | `hooks.watch(&varmap)`, too: all statistics every 50 steps |
//!
//! What is compared is the CPU time of all threads. That of tracker's own threads counts for the way
//! whose run they write, whenever they do; it is spread over the rounds, and so is the time of
//! `finish`. A figure is the geometric mean over the rounds of a way's time by that of `bare` in the same round, with a 95 %
//! interval from 10,000 resamples. Where the two bare ways are more than 0.5 % apart, the machine
//! is too busy, and the run says nothing.
//!
//! Candle computes on one thread (`RAYON_NUM_THREADS=1`, unless it is set).

#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]
#![allow(clippy::cast_sign_loss, reason = "counts and times are not negative")]

#[path = "../../../benchmarks/benches/store/machine.rs"]
mod machine;
#[path = "../../../benchmarks/benches/shared/one_thread.rs"]
mod one_thread;
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
use ratio::Ratio;
use table::{Table, at_most};
use training::{STEPS, Training, WAYS, Way, cpu_seconds};

/// How many rounds are trained without an argument.
const ROUNDS: usize = 600;

/// How often the trainings are made anew.
const STARTS: usize = 12;

/// How far the two bare ways may be apart, in percent.
const NOISE: f64 = 0.5;

fn main() -> ExitCode {
    one_thread::run(ROUNDS, measure)
}

fn measure(rounds: usize) {
    println!("{}", machine::heading());
    let threads = env::var(THREADS).unwrap_or_default();
    println!("{STEPS} steps a round, {THREADS}={threads}, {rounds} rounds");
    let folder = scratch::folder();
    let mut seconds: [Vec<f64>; WAYS.len()] = Default::default();
    for start in 0..STARTS {
        let of_start = measure_once(start, rounds.div_ceil(STARTS), folder.path());
        for (all, new) in seconds.iter_mut().zip(of_start) {
            all.extend(new);
        }
    }
    report(&seconds);
}

/// Some rounds with trainings that are made for them, in an order that depends on `start`: where in
/// memory their weights come to lie makes some of them a percent faster than others.
fn measure_once(start: usize, rounds: usize, folder: &Path) -> [Vec<f64>; WAYS.len()] {
    let mut made: Vec<(usize, Training)> = (0..WAYS.len())
        .map(|place| (start + place) % WAYS.len())
        .map(|index| (index, Training::new(WAYS[index], folder)))
        .collect();
    made.sort_by_key(|(index, _)| *index);
    let mut trainings: Vec<Training> = made.into_iter().map(|(_, training)| training).collect();
    for training in &mut trainings {
        training.round();
    }
    let mut seconds: [Vec<f64>; WAYS.len()] = Default::default();
    let tracker_seconds =
        |trainings: &[Training]| trainings.iter().map(Training::tracker_seconds).collect();
    let before: Vec<f64> = tracker_seconds(&trainings);
    let mut of_trackers = before.clone();
    for round in 0..rounds {
        for place in 0..WAYS.len() {
            let index = (round + place) % WAYS.len();
            let begun = cpu_seconds();
            trainings[index].round();
            let taken = cpu_seconds() - begun;
            let now = tracker_seconds(&trainings);
            let trackers = now.iter().sum::<f64>() - of_trackers.iter().sum::<f64>();
            of_trackers = now;
            seconds[index].push(taken - trackers);
        }
    }
    let shares = of_trackers.iter().zip(before).map(|(now, before)| now - before);
    for ((training, tracker), seconds) in trainings.into_iter().zip(shares).zip(&mut seconds) {
        let begun = cpu_seconds();
        training.finish();
        let share = (tracker + cpu_seconds() - begun) / rounds as f64;
        for of_round in seconds {
            *of_round += share;
        }
    }
    seconds
}

fn report(seconds: &[Vec<f64>; WAYS.len()]) {
    let title = "CPU time of all threads by that of the bare loop";
    let mut table = Table::new(title, &["", "ms a step", "ratio", "95 % interval", "goal"]);
    for way in WAYS {
        let of_way = &seconds[way as usize];
        let ratio = Ratio::of(of_way, &seconds[Way::Bare as usize]);
        let percent = (ratio.mean - 1.0) * 100.0;
        let a_step = of_way.iter().sum::<f64>() / (of_way.len() * STEPS) as f64 * 1e3;
        table.row([
            way.name().to_owned(),
            format!("{a_step:.4}"),
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
