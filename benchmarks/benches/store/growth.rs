//! How the cost of a whole run grows with its steps, and which thread spends it.
//!
//! The cost is CPU time of all threads from before `start` to after `finish`. The **marginal**
//! cost of a step, between a run and one of ten times its steps, is the same however long the
//! run if the cost is linear.

use std::{path::Path, time::Duration};

use tracker_core::{Run, Tracker, init, metrics};

use crate::{
    Scale, process,
    quantile::median,
    scratch,
    steps::{accuracy, loss},
    table::{Table, at_most},
};

/// A way to log so many steps.
struct Way {
    name: &'static str,
    log: fn(&Run, u64),
}

const WAYS: [Way; 3] = [
    Way { name: "two handles, one call a step", log: by_handles },
    Way { name: "metrics! by name, one call a step", log: by_name },
    Way { name: "metrics! by name, 1,000 steps a call", log: in_batches },
];

fn by_handles(run: &Run, steps: u64) {
    let (one, other) = (run.metric("train/loss"), run.metric("train/accuracy"));
    for step in 0..steps {
        run.write(&[one.point(step, loss(step)), other.point(step, accuracy(step))]);
    }
}

fn by_name(run: &Run, steps: u64) {
    for step in 0..steps {
        let (one, other) = (loss(step), accuracy(step));
        run.log_at(step, metrics! { "train/loss" => one, "train/accuracy" => other });
    }
}

fn in_batches(run: &Run, steps: u64) {
    for first in (0..steps).step_by(1_000) {
        run.log_epochs((first..first + 1_000).map(|step| {
            let (one, other) = (loss(step), accuracy(step));
            (step, metrics! { "train/loss" => one, "train/accuracy" => other })
        }));
    }
}

/// CPU time of a run, by who spent it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Cost {
    total: Duration,
    caller: Duration,
    drain: Duration,
    seal: Duration,
    /// Points that were dropped because the machine could not keep up.
    lost: u64,
}

pub(crate) fn run(scale: Scale) {
    let folder = scratch::folder();
    // The first run of a process starts its threads.
    whole_run(folder.path(), |_| {});
    let empty: Vec<f64> =
        (0..11).map(|_| milliseconds(whole_run(folder.path(), |_| {}).total)).collect();
    let empty = median(&empty);
    println!("\nstart and finish alone: {empty:.2} ms of CPU, {}", at_most(empty, 10.0, " ms"));
    for way in &WAYS {
        growth(way, scale, folder.path());
    }
}

fn growth(way: &Way, scale: Scale, folder: &Path) {
    let largest = if scale.long { 8 } else { 7 };
    let costs: Vec<(u64, Cost)> = (3..=largest)
        .map(|power| 10_u64.pow(power))
        .map(|steps| (steps, median_cost(steps, || whole_run(folder, |run| (way.log)(run, steps)))))
        .collect();
    costs_table(way, &costs).print();
    marginal_table(&costs).print();
}

fn costs_table(way: &Way, costs: &[(u64, Cost)]) -> Table {
    let columns = ["steps", "CPU", "µs a step", "goal", "caller", "drain", "seal", "other", "lost"];
    let title =
        format!("CPU of a whole run of two scalars a step: {}, µs a step by thread", way.name);
    let mut table = Table::new(title, &columns);
    for (steps, cost) in costs {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / *steps as f64;
        let known = cost.caller + cost.drain + cost.seal;
        let goal = (*steps == 100_000_000).then(|| at_most(each(cost.total), 0.5, " µs"));
        table.row([
            steps.to_string(),
            format!("{:.1} ms", milliseconds(cost.total)),
            format!("{:.3}", each(cost.total)),
            goal.unwrap_or_default(),
            format!("{:.3}", each(cost.caller)),
            format!("{:.3}", each(cost.drain)),
            format!("{:.3}", each(cost.seal)),
            format!("{:.3}", each(cost.total.saturating_sub(known))),
            cost.lost.to_string(),
        ]);
    }
    table
}

fn marginal_table(costs: &[(u64, Cost)]) -> Table {
    let mut table =
        Table::new("  marginal cost of a step", &["from", "to", "µs", "against the first", "goal"]);
    let mut first = None;
    for pair in costs.windows(2).filter(|pair| pair[0].0 >= 100_000) {
        let (fewer, more) = (pair[0], pair[1]);
        let difference = more.1.total.as_secs_f64() - fewer.1.total.as_secs_f64();
        let marginal = difference * 1e6 / (more.0 - fewer.0) as f64;
        let deviation = (marginal / *first.get_or_insert(marginal) - 1.0) * 100.0;
        table.row([
            fewer.0.to_string(),
            more.0.to_string(),
            format!("{marginal:.3}"),
            format!("{deviation:+.1} %"),
            at_most(deviation.abs(), 10.0, " %"),
        ]);
    }
    table
}

/// Short runs vary more and cost less: they are repeated.
fn median_cost(steps: u64, measure: impl Fn() -> Cost) -> Cost {
    let repetitions = match steps {
        ..=10_000 => 7,
        ..=1_000_000 => 3,
        _ => 1,
    };
    median(&(0..repetitions).map(|_| measure()).collect::<Vec<_>>())
}

fn whole_run(folder: &Path, log: impl FnOnce(&Run)) -> Cost {
    let now = || Cost {
        total: process::cpu(),
        caller: process::cpu_of_this_thread(),
        drain: process::cpu_of_threads("tracker-writer"),
        seal: process::cpu_of_threads("tracker-seal"),
        lost: 0,
    };
    let before = now();
    let run = init("bench").dir(folder).start().unwrap();
    log(&run);
    let report = run.finish().unwrap();
    let after = now();
    std::fs::remove_dir_all(run.path()).unwrap();
    Cost {
        total: after.total - before.total,
        caller: after.caller - before.caller,
        drain: after.drain.saturating_sub(before.drain),
        seal: after.seal.saturating_sub(before.seal),
        lost: report.problems().iter().map(|problem| problem.count).sum(),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
