//! Many processes in one project, and several in one run.

use std::process::Child;

use tracker_core::{
    State, Writer,
    read::{RunReader, Store},
};

use crate::{
    Broken,
    check::check,
    child::{Training, metric, value},
};

pub(crate) fn crowd() -> Broken {
    processes(8) + processes(64) + one_run(false) + one_run(true)
}

/// So many trainings at once, each a run of its own.
fn processes(count: usize) -> Broken {
    const CALLS: u64 = 50_000;
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    std::fs::create_dir_all(&store).unwrap();
    let training = Training::at_full_rate(&store, 1, CALLS);
    let children: Vec<Child> = (0..count).map(|_| training.start()).collect();
    let failed = children.into_iter().filter_map(|mut child| child.wait().ok());
    let failed = failed.filter(|status| !status.success()).count();
    let listing = Store::open(&store).unwrap().runs().unwrap();
    let whole = |run: &&RunReader| {
        run.state() == State::Finished && check(run, &training, &[CALLS], 0).is_none()
    };
    let found = listing.runs.iter().filter(whole).count();
    println!(
        "{count} processes at once: {found} whole runs, {} warnings, {failed} failed",
        listing.warnings.len()
    );
    count - found + failed + listing.warnings.len()
}

/// Three ranks in one run. With `kill`, the second one is killed in the middle.
fn one_run(kill: bool) -> Broken {
    const CALLS: u64 = 400_000;
    let folder = tempfile::tempdir().unwrap();
    let rank = |rank: u16| {
        let store = folder.path().join(format!("rank-{rank}"));
        let mut training = Training::at_full_rate(&store, 1, CALLS);
        training.store = folder.path().join("store");
        training.env.push(("TRACKER_RUN_ID", "01J00000000000000000000000".into()));
        training.env.push(("TRACKER_RANK", rank.to_string()));
        training
    };
    let trainings = [rank(0), rank(1), rank(2)];
    std::fs::create_dir_all(&trainings[0].store).unwrap();
    let mut children: Vec<Child> = trainings.iter().map(Training::start).collect();
    if kill {
        while trainings[1].acknowledged()[0] < CALLS / 2 {
            std::thread::yield_now();
        }
        children[1].kill().unwrap();
    }
    for child in &mut children {
        child.wait().unwrap();
    }
    let run = Store::open(&trainings[0].store).unwrap().find("@latest").unwrap();
    let rows = run.series(&metric(0)).unwrap();
    let mut broken = 0;
    for (rank, training) in (0_u16..).zip(&trainings) {
        let writer = Writer { rank, attempt: 1 };
        let own: Vec<_> = rows.iter().filter(|row| row.writer == writer).collect();
        let in_order = (0..).zip(&own).all(|(step, row)| {
            row.step.0 == step && row.value.to_bits() == value(0, step).to_bits()
        });
        let lost = training.acknowledged()[0].saturating_sub(own.len() as u64);
        let doubled = (own.len() as u64).saturating_sub(training.acknowledged()[0] + 1);
        println!(
            "rank {rank} of 3 in one run{}: {} points, {lost} lost, {doubled} too many",
            if kill { ", rank 1 killed" } else { "" },
            own.len()
        );
        broken += usize::from(!in_order || lost + doubled > 0);
    }
    broken
}
