//! How many instructions tracking adds to a step of a training.
//!
//! ```text
//! cargo bench --manifest-path benchmarks/Cargo.toml --bench instructions
//! cargo bench --manifest-path benchmarks/Cargo.toml --bench instructions -- candle
//! ```
//!
//! The trainings are those of `examples/candle-mnist` (its network of two layers) and `examples/burn-mnist`,
//! with all defaults of the tracker. Each is trained for one epoch of 50 steps and for two, in processes of their
//! own under `valgrind`, which counts: what the second epoch adds, validation and all, is what its steps cost.
//! The machine's mood does not matter. It takes ten minutes, as `valgrind` is slow at what multiplies matrices.
//!
//! | row | what |
//! |---|---|
//! | bare | the training without tracker; it reads its losses and counts right answers itself |
//! | tracked | the example as it is |
//! | watched | its model is watched too, with a flight recorder, by the default options |
//! | sent | as tracked, and `tracker sync` sends the run to a folder meanwhile; beside the tracked one. It needs `cargo build --release -p tracker-cli` |
//!
//! Under `valgrind` a training is a hundred times as slow, but what tracker's own threads do goes by the
//! clock: where they look for new points twenty times a second, they do so a hundred times as often in a step. So
//! they are told apart: a thread that runs none of the framework's functions is one of tracker's. Burn's threads
//! cannot be told by that, so all are counted: what tracker's own do is in there, a hundred times as often.
//!
//! Beside the instructions stands the CPU time of all threads without `valgrind`, tracker's own among them: from
//! 1,000 steps to 2,000, the median of five rounds, and that of the ratios of each round.

#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

mod burn_training;
mod candle_training;
mod counts;
#[path = "../../../examples/burn-mnist/src/data.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod data;
#[path = "../store/machine.rs"]
mod machine;
#[path = "../../../examples/burn-mnist/src/model.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod model;
#[path = "../../../tests/drawn/src/quiet.rs"]
mod quiet;
#[path = "../store/scratch.rs"]
mod scratch;
#[path = "../store/table.rs"]
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod table;
mod times;
#[path = "../burn-overhead/training.rs"]
#[allow(dead_code, reason = "the other benchmark uses all of it")]
mod training;
mod way;

use std::{env, path::Path, process::ExitCode};

use counts::{Counting, Counts};
use table::{Table, at_most};
use way::{Framework, STEPS, WAYS, Way};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => measure(&[Framework::Candle, Framework::Burn]),
        ["candle"] => measure(&[Framework::Candle]),
        ["burn"] => measure(&[Framework::Burn]),
        [framework, way, epochs, folder] => {
            let (way, folder) = (Way::named(way).unwrap(), Path::new(folder));
            match framework {
                "candle" => candle_training::train(way, epochs.parse().unwrap(), folder).unwrap(),
                _ => burn_training::train(way, epochs.parse().unwrap(), folder),
            }
            println!("{}", training::cpu_seconds());
        }
        _ => {
            eprintln!("the only arguments are `candle` and `burn`");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn measure(frameworks: &[Framework]) {
    println!("{}", machine::heading());
    for framework in frameworks {
        let counting = WAYS.map(|way| Counting::start(*framework, way));
        report(*framework, &counting.map(Counting::finish), &times::of(*framework));
    }
}

fn report(framework: Framework, counts: &[Counts; WAYS.len()], times: &[Vec<f64>; WAYS.len()]) {
    let title = format!(
        "{}: instructions of a step, in thousands, from {STEPS} steps to {}",
        framework.name(),
        2 * STEPS
    );
    let columns =
        ["", "the training's threads", "ratio", "goal", "tracker's threads", "CPU, µs", "ratio"];
    let mut table = Table::new(title, &columns);
    let a_step = |instructions: f64| instructions / STEPS as f64 / 1e3;
    for ((way, count), taken) in WAYS.into_iter().zip(counts).zip(times) {
        let beside = way.baseline() as usize;
        let ratios = taken.iter().zip(&times[beside]).map(|(time, other)| time / other);
        let ratio = count.training / counts[beside].training;
        table.row([
            way.name().to_owned(),
            format!("{:.0}", a_step(count.training)),
            format!("{ratio:.4}"),
            way.goal().map_or_else(String::new, |goal| at_most((ratio - 1.0) * 100.0, goal, " %")),
            format!("{:.0}", a_step(count.tracker)),
            format!("{:.0}", times::median(taken.iter().copied())),
            format!("{:.3}", times::median(ratios)),
        ]);
    }
    table.print();
}
