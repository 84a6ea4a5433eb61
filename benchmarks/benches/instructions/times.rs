//! What the same trainings take in time, which the machine's mood does change.

use std::process::Stdio;

use crate::{
    counts::command,
    scratch,
    way::{Framework, STEPS, WAYS},
};

/// Epochs of the shorter training; the longer one has twice as many.
const EPOCHS: usize = 20;

/// How often all ways are timed in turns.
const ROUNDS: usize = 5;

/// The CPU time of all threads for a step, in microseconds, in each round of each way.
pub(crate) fn of(framework: Framework) -> [Vec<f64>; WAYS.len()] {
    let mut times: [Vec<f64>; WAYS.len()] = Default::default();
    for _ in 0..ROUNDS {
        for way in WAYS {
            let [one, two] = [EPOCHS, 2 * EPOCHS].map(|epochs| {
                let folder = scratch::folder();
                let program = std::env::current_exe().unwrap();
                let mut command = command(&program, &[], framework, way, epochs, folder.path());
                let output = command.stderr(Stdio::null()).output().unwrap();
                assert!(output.status.success(), "a training failed");
                let text = String::from_utf8(output.stdout).unwrap();
                text.trim().lines().last().unwrap().parse::<f64>().unwrap()
            });
            times[way as usize].push((two - one) / (EPOCHS * STEPS) as f64 * 1e6);
        }
    }
    times
}

/// The middle one.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
