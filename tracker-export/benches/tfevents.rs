//! What event files cost, out and in: `cargo bench -p tracker-export --bench tfevents`. With a Python that has tensorboardX
//! and tensorboard in `TRACKER_PYTHON`, theirs beside it: `benches/tfevents.py`. `TRACKER_POINTS` says how many points, 10^7
//! if unset.
#![expect(clippy::unwrap_used, reason = "a benchmark says by a panic that it failed")]
#![expect(clippy::print_stdout, reason = "it prints its table")]

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use tracker_core::{
    Event, Step, Timestamp, init,
    read::{Row, RunReader},
};
use tracker_export::{
    Account, Result, Sink, Source, Target, TensorBoardSource, TensorBoardTarget, export,
};

const METRICS: u64 = 10;

fn main() {
    let points = std::env::var("TRACKER_POINTS").ok().and_then(|text| text.parse().ok());
    let points: u64 = points.unwrap_or(10_000_000);
    let folder = tempfile::tempdir().unwrap();
    let run = train(folder.path(), points);
    let out = folder.path().join("out");

    let (took, written) = whole(&run, &out);
    let rate = points as f64 / took.as_secs_f64();
    let megabytes = written as f64 / 1e6;
    println!(
        "out, a stored run:      {rate:>12.0} points/s, {megabytes:.0} MB, at most {} MB of memory",
        peak()
    );
    let alone = encoding_alone(&run, &folder.path().join("alone"), points);
    println!("out, what it encodes:   {alone:>12.0} points/s");
    let inward = read(&out, points);
    println!("in, with what it is:    {inward:>12.0} points/s, at most {} MB of memory", peak());
    rivals(rate, inward);
}

fn train(folder: &Path, points: u64) -> RunReader {
    let run = init("bench").dir(folder.join("store")).system_metrics(false);
    let run = run.code_changes(false).signals(false).default_rules(false).start().unwrap();
    let names: Vec<String> = (0..METRICS).map(|metric| format!("train/metric-{metric}")).collect();
    let metrics: Vec<_> = names.iter().map(|name| run.metric(name)).collect();
    for step in 0..points / METRICS {
        for metric in &metrics {
            metric.log(step, (step as f64 * 0.001).sin());
        }
    }
    let path = run.path().to_owned();
    assert_eq!(run.finish().unwrap().problems(), []);
    RunReader::open(path).unwrap()
}

fn whole(run: &RunReader, out: &Path) -> (Duration, u64) {
    let begin = Instant::now();
    let mut target = TensorBoardTarget::open(out, run, None).unwrap();
    export(run, &mut target).unwrap();
    (begin.elapsed(), fs::metadata(target.path()).unwrap().len())
}

/// Without the reading of the run: some of its rows again and again.
fn encoding_alone(run: &RunReader, out: &Path, points: u64) -> f64 {
    let some = run.stream().unwrap().next().unwrap();
    let rows: Vec<Row> = some.rows.into_iter().take(1_000).collect();
    let mut target = TensorBoardTarget::open(out, run, None).unwrap();
    let mut account = Account::default();
    let begin = Instant::now();
    let turns = points / rows.len() as u64;
    for _ in 0..turns {
        target.points(&some.metric, &rows, &mut account).unwrap();
    }
    target.flush().unwrap();
    (turns * rows.len() as u64) as f64 / begin.elapsed().as_secs_f64()
}

/// Looks at each point, and keeps none.
#[derive(Default)]
struct Sum(u64, f64);

impl Sink for Sum {
    fn point(&mut self, _: &str, step: Step, time: Timestamp, value: f64) -> Result<()> {
        self.0 += 1;
        self.1 += value + step.0 as f64 + time.as_micros() as f64;
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

fn read(out: &Path, points: u64) -> f64 {
    let begin = Instant::now();
    let (mut sum, mut account) = (Sum::default(), Account::default());
    let mut source = TensorBoardSource::new(out);
    for run in source.runs().unwrap() {
        source.read(&run, &mut sum, &mut account).unwrap();
    }
    assert_eq!(sum.0, points);
    std::hint::black_box(sum.1);
    points as f64 / begin.elapsed().as_secs_f64()
}

/// The rates of tensorboardX and of TensorBoard's reader, and how much more ours are.
fn rivals(out: f64, inward: f64) {
    let Ok(python) = std::env::var("TRACKER_PYTHON") else {
        println!("set TRACKER_PYTHON to a Python with tensorboardX and tensorboard to compare");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/tfevents.py");
    let ran = Command::new(python).arg(script).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    for line in String::from_utf8(ran.stdout).unwrap().lines() {
        let (name, rate) = line.split_once('\t').unwrap();
        let rate: f64 = rate.parse().unwrap();
        let ours = if name.contains("write") { out } else { inward };
        println!("{name:<24}{rate:>12.0} points/s: ours are {:.1} ×", ours / rate);
    }
}

/// The most memory that this process has had, in megabytes, where the system says so.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1_000
}
