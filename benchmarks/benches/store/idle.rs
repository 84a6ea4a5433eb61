//! What a run takes that is open and logs nothing, or one step a second.

use std::{
    thread,
    time::{Duration, Instant},
};

use tracker_core::{init, metrics};

use crate::{
    Scale,
    child::{self, Beside},
    process, scratch,
    steps::{accuracy, loss},
    table::{Table, at_most},
};

pub(crate) const ROLE: &str = "idle-run";

const SECONDS: u64 = 5;

pub(crate) fn run(_: Scale) {
    let folder = scratch::folder();
    let start = |pace: &str| {
        let mut command = child::command(ROLE, &[pace]);
        command.env("TRACKER_DIR", folder.path());
        Beside::start(command)
    };
    let columns = ["an open run", "part of a core", "goal"];
    let mut table = Table::new(format!("CPU of a process over {SECONDS} s"), &columns);
    // Side by side: each counts its own CPU time only.
    let processes = [("that logs nothing", start("0")), ("that logs a step a second", start("1"))];
    for (name, mut process) in processes {
        let percent: f64 = process.line().parse().unwrap();
        table.row([name.to_owned(), format!("{percent:.3} %"), at_most(percent, 0.2, " %")]);
    }
    table.print();
}

/// The measured process: logs for a moment, then so many steps a second, and prints what part of a
/// core that took, in percent.
pub(crate) fn stay_open(arguments: &[String]) {
    let steps_a_second: u64 = arguments[0].parse().unwrap();
    let run = init("idle").start().unwrap();
    let log = |step: u64| {
        let (one, other) = (loss(step), accuracy(step));
        run.log_at(step, metrics! { "train/loss" => one, "train/accuracy" => other });
    };
    (0..1_000).for_each(log);
    // What these points cost is no part of idleness.
    thread::sleep(Duration::from_millis(500));
    let (since, before) = (Instant::now(), process::cpu());
    for second in 0..SECONDS {
        (0..steps_a_second).for_each(|step| log(1_000 + second + step));
        thread::sleep(Duration::from_secs(1));
    }
    let part = (process::cpu() - before).as_secs_f64() / since.elapsed().as_secs_f64();
    // Before the figure: whoever reads that ends this process.
    run.finish().unwrap();
    println!("{}", part * 100.0);
}
