//! How much memory a training needs more with tracking than without.
//!
//! A process that does nothing but log two scalars a step, as fast as it can, is compared with the
//! same process with tracking disabled: what differs in their greatest resident memory is
//! tracker's.

use tracker_core::{Tracker, init};

use crate::{
    Scale,
    child::{self, Beside},
    process, scratch,
    steps::{accuracy, loss},
    table::{Table, at_most},
};

pub(crate) const ROLE: &str = "memory-of-steps";

pub(crate) fn run(scale: Scale) {
    let columns = ["steps", "tracked", "disabled", "difference", "goal"];
    let mut table = Table::new("greatest resident memory of a process", &columns);
    let largest = if scale.long { 8 } else { 7 };
    for steps in (5..=largest).map(|power| 10_u64.pow(power)) {
        let tracked = peak(steps, "enabled");
        let disabled = peak(steps, "disabled");
        let difference = tracked - disabled;
        table.row([
            steps.to_string(),
            format!("{tracked:.1} MiB"),
            format!("{disabled:.1} MiB"),
            format!("{difference:.1} MiB"),
            at_most(difference, 64.0, " MiB"),
        ]);
    }
    table.print();
}

fn peak(steps: u64, mode: &str) -> f64 {
    let folder = scratch::folder();
    let mut command = child::command(ROLE, &[&steps.to_string()]);
    command.env("TRACKER_DIR", folder.path());
    if mode == "disabled" {
        command.env("TRACKER_MODE", mode);
    }
    Beside::start(command).line().parse().unwrap()
}

/// The measured process: logs so many steps and prints its own greatest memory in MiB.
pub(crate) fn log_steps(arguments: &[String]) {
    let steps: u64 = arguments[0].parse().unwrap();
    let run = init("memory").start().unwrap();
    let (one, other) = (run.metric("train/loss"), run.metric("train/accuracy"));
    for step in 0..steps {
        run.write(&[one.point(step, loss(step)), other.point(step, accuracy(step))]);
    }
    run.finish().unwrap();
    println!("{}", process::peak_memory());
}
