//! What one log call of two scalars takes, beside what could be called in its place.
//!
//! With one thread and with four, alone and beside a process that keeps the disk busy.

use std::{path::Path, time::Duration};

use tempfile::TempDir;

use crate::{
    Scale, neighbour, process,
    quantile::{median, quantile, sorted},
    rivals::{BURN, CHANNEL, CSV, TENSORBOARD, WRITE},
    sampling::{self, Baseline, Call},
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

/// From how many calls on the last ones are compared with early ones.
const MANY: usize = 1_000_000;

/// The last calls are compared with early ones in so many runs: between the two, the machine may
/// become faster or slower, by more than a call does.
const RUNS: usize = 5;

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
    let lone = threads == 1 && !busy;
    let measured: Vec<Measured> = SUBJECTS
        .iter()
        .map(|subject| {
            let _neighbour = busy.then(|| neighbour::start(folder.path()));
            measure(subject, threads, if lone { RUNS } else { 1 }, folder.path())
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
        measured[1].print_goals();
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The figures of one subject in one setting.
struct Measured {
    /// Net times from the shortest to the longest, in nanoseconds.
    sorted: Vec<f64>,
    /// One read of the clock in between, net, in nanoseconds.
    clock: f64,
    /// The mean time of a call in the median batch.
    batched: f64,
    /// The median of the last calls over that of early ones, where it was asked for.
    last_to_early: Option<f64>,
    /// CPU time of all threads for a call, with start and end.
    cpu: Duration,
    /// The part of the points that was dropped because the machine could not keep up.
    lost: f64,
}

/// Measures a subject in as many runs as the ratio of late to early calls needs, and in one more,
/// by batches, for the cross-check and the CPU time.
fn measure(subject: &Subject, threads: usize, runs: usize, folder: &Path) -> Measured {
    let each = subject.calls / threads;
    let sampled: Vec<Sampled> = (0..runs).map(|_| sample(subject, threads, folder)).collect();

    let before = process::cpu();
    let run = Prepared::new(subject, threads, folder);
    let batched = sampling::batched(run.calls, each);
    let mut lost = (run.end)();
    let cpu = process::cpu().saturating_sub(before) / (each * threads) as u32;

    lost += sampled.iter().map(|run| run.lost).sum::<u64>();
    let points = 2 * each * threads * (runs + 1);
    let ratios: Vec<f64> = sampled.iter().filter_map(|run| run.last_to_early).collect();
    Measured {
        clock: median(&sampled.iter().map(|run| run.clock).collect::<Vec<_>>()),
        sorted: sorted(&sampled.into_iter().flat_map(|run| run.net).collect::<Vec<_>>()),
        batched,
        last_to_early: (runs > 1 && !ratios.is_empty()).then(|| median(&ratios)),
        cpu,
        lost: lost as f64 / points as f64,
    }
}

/// A subject that is ready, in a folder of its own.
struct Prepared {
    calls: Vec<Call>,
    end: Box<dyn FnOnce() -> u64>,
    _folder: TempDir,
}

impl Prepared {
    fn new(subject: &Subject, threads: usize, parent: &Path) -> Self {
        let folder = tempfile::tempdir_in(parent).unwrap();
        let begun = (subject.begin)(folder.path());
        // What the calls share ends once they have ended: nobody can make more of them.
        let calls = (0..threads).map(|_| (begun.call)()).collect();
        Self { calls, end: begun.end, _folder: folder }
    }
}

/// One run of a subject: net times in nanoseconds, and what they are compared with.
struct Sampled {
    net: Vec<f64>,
    clock: f64,
    last_to_early: Option<f64>,
    lost: u64,
}

fn sample(subject: &Subject, threads: usize, folder: &Path) -> Sampled {
    let run = Prepared::new(subject, threads, folder);
    let samples = sampling::sample(run.calls, subject.calls / threads);
    let lost = (run.end)();
    let baseline = Baseline::of(&samples);
    let net = |sample: &u32| f64::from(*sample) - baseline.empty;
    let net: Vec<f64> = samples.iter().flat_map(|thread| &thread.calls).map(net).collect();
    let last_to_early = (threads == 1 && net.len() >= MANY)
        .then(|| median(&net[net.len() - 1_000..]) / median(&net[9_000..10_000]));
    Sampled { net, clock: baseline.clock, last_to_early, lost }
}

impl Measured {
    fn median(&self) -> f64 {
        quantile(&self.sorted, 0.5)
    }

    fn to_clock(&self) -> f64 {
        self.median() / self.clock
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

    /// The goals of the first way that no column has room for.
    fn print_goals(&self) {
        let tail = quantile(&self.sorted, 0.999);
        println!("  two handles in one call: p99.9 {}", at_most(tail, 1_000.0, " ns"));
        if let Some(ratio) = self.last_to_early {
            println!("  two handles in one call: last/early {}", at_most(ratio, 1.1, ""));
        }
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
