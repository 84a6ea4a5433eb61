//! What one log call of two scalars takes, beside what could be called in its place.
//!
//! With one thread and with four, alone and beside a process that keeps the disk busy.

use std::{path::Path, time::Duration};

use crate::{
    Scale, neighbour, process,
    quantile::{median, quantile, sorted},
    rivals::{BURN, CHANNEL, CSV, TENSORBOARD, WRITE},
    sampling::{self, Baseline},
    scratch,
    subject::{BY_NAME, CLOCK, ONE_CALL, STRUCT, Subject, TWO_CALLS},
    table::{Table, at_least, at_most},
};

const SUBJECTS: [Subject; 10] =
    [CLOCK, ONE_CALL, TWO_CALLS, BY_NAME, STRUCT, WRITE, CHANNEL, CSV, TENSORBOARD, BURN];

const COLUMNS: [&str; 12] = [
    "one step of two scalars, net ns",
    "p50",
    "p99",
    "p99.9",
    "max",
    "/clock",
    "goal",
    "/one call",
    "batched",
    "last/early",
    "CPU, all threads",
    "lost",
];

pub(crate) fn run(_: Scale) {
    for busy in [false, true] {
        for threads in [1, 4] {
            setting(threads, busy);
        }
    }
}

/// Measures all subjects on as many threads, beside a busy disk or alone.
fn setting(threads: usize, busy: bool) {
    let folder = scratch::folder();
    let measured: Vec<Measured> = SUBJECTS
        .iter()
        .map(|subject| {
            let _neighbour = busy.then(|| neighbour::start(folder.path()));
            measure(subject, threads, folder.path())
        })
        .collect();
    let one_call = measured[1].median();
    let surroundings = if busy { "beside a process that writes and fsyncs" } else { "alone" };
    let title = format!("log calls: {threads} thread{}, {surroundings}", plural(threads));
    let mut table = Table::new(title, &COLUMNS);
    for (subject, measured) in SUBJECTS.iter().zip(&measured) {
        table.row(measured.row(subject, threads, one_call));
    }
    table.print();
    if threads == 1 {
        println!("  p99.9 of two handles in one call {}", measured[1].tail_goal());
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The figures of one subject in one setting.
struct Measured {
    /// Net times from the shortest to the longest, in nanoseconds.
    sorted: Vec<f64>,
    baseline: Baseline,
    /// The mean time of a call in the median batch.
    batched: f64,
    /// The median of the last calls over that of early ones, for subjects with enough calls.
    last_to_early: Option<f64>,
    /// CPU time of all threads for a call, with start and end.
    cpu: Duration,
    /// The part of the points that was dropped because the machine could not keep up.
    lost: f64,
}

fn measure(subject: &Subject, threads: usize, folder: &Path) -> Measured {
    let each = subject.calls / threads;
    let begin = || {
        let own = tempfile::tempdir_in(folder).unwrap();
        let begun = (subject.begin)(own.path());
        let calls = (0..threads).map(|_| (begun.call)()).collect::<Vec<_>>();
        // What the calls share ends only once nobody can make more of them.
        drop(begun.call);
        (own, calls, begun.end)
    };
    let (own, calls, end) = begin();
    let samples = sampling::sample(calls, each);
    let baseline = Baseline::of(&samples);
    let mut lost = end();
    drop(own);

    let before = process::cpu();
    let (_own, calls, end) = begin();
    let batched = sampling::batched(calls, each);
    lost += end();
    let cpu = process::cpu().saturating_sub(before) / (each * threads) as u32;

    let net = |sample: &u32| f64::from(*sample) - baseline.empty;
    let all: Vec<f64> = samples.iter().flat_map(|thread| &thread.calls).map(net).collect();
    let last_to_early = (each >= 1_000_000).then(|| {
        let of_thread: Vec<f64> = samples[0].calls.iter().map(net).collect();
        median(&of_thread[of_thread.len() - 1_000..]) / median(&of_thread[9_000..10_000])
    });
    // Two points a call, sampled and in batches.
    let lost = lost as f64 / (all.len() * 4) as f64;
    Measured { sorted: sorted(&all), baseline, batched, last_to_early, cpu, lost }
}

impl Measured {
    fn median(&self) -> f64 {
        quantile(&self.sorted, 0.5)
    }

    fn to_clock(&self) -> f64 {
        self.median() / self.baseline.clock
    }

    fn row(&self, subject: &Subject, threads: usize, one_call: f64) -> Vec<String> {
        let to_one_call = self.median() / one_call;
        let ratio = goal_to_clock(subject, threads).map(|goal| at_most(self.to_clock(), goal, ""));
        let rival = [TENSORBOARD.name, BURN.name].contains(&subject.name);
        let rivalry = rival.then(|| at_least(to_one_call, 10.0, " × one call"));
        vec![
            subject.name.to_owned(),
            format!("{:.0}", self.median()),
            format!("{:.0}", quantile(&self.sorted, 0.99)),
            format!("{:.0}", quantile(&self.sorted, 0.999)),
            format!("{:.0}", quantile(&self.sorted, 1.0)),
            format!("{:.2}", self.to_clock()),
            ratio.or(rivalry).unwrap_or_default(),
            format!("{to_one_call:.2}"),
            format!("{:.0}", self.batched),
            self.last_to_early.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            format!("{:.2} µs", self.cpu.as_nanos() as f64 / 1e3),
            if self.lost > 0.0 { format!("{:.2} %", self.lost * 100.0) } else { "0".to_owned() },
        ]
    }

    fn tail_goal(&self) -> String {
        at_most(quantile(&self.sorted, 0.999), 1_000.0, " ns")
    }
}

/// How many reads of the clock a call may take.
fn goal_to_clock(subject: &Subject, threads: usize) -> Option<f64> {
    match (subject.name, threads) {
        (name, 1) if name == ONE_CALL.name => Some(2.2),
        (name, 1) if name == TWO_CALLS.name => Some(3.2),
        (name, 1) if name == BY_NAME.name => Some(4.5),
        (name, 4) if name == ONE_CALL.name => Some(3.0),
        _ => None,
    }
}
