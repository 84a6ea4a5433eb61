//! What it costs to write a run as an offline run of W&B and to read one, beside W&B's own reader in the same run:
//! `WANDB_PYTHON=/path/to/python cargo bench -p tracker-export --bench wandb -- [POINTS]`. That Python has `wandb`
//! 0.29 or older, which is the last one with a reader in Python. Times are those of a processor.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may panic, and prints")]

use std::{path::Path, process::Command, time::Duration};

use tracker_core::{Event, Step, Timestamp, init, read::RunReader};
use tracker_export::{Account, Destination, Result, Sink, Source, WandbSource, export};

const METRICS: usize = 10;

/// Adds up what it is told, so that nothing is left away.
#[derive(Default)]
struct Sum {
    points: u64,
    sum: f64,
}

impl Sink for Sum {
    fn point(&mut self, _: &str, _: Step, _: Timestamp, value: f64) -> Result<()> {
        self.points += 1;
        self.sum += value;
        Ok(())
    }

    fn event(&mut self, _: Timestamp, _: Event) -> Result<()> {
        Ok(())
    }
}

fn written(folder: &Path, points: usize) -> RunReader {
    let init = init("bench").dir(folder.join("store")).signals(false).code_changes(false);
    let run = init.system_metrics(false).default_rules(false).start().unwrap();
    let names: Vec<String> = (0..METRICS).map(|number| format!("train/metric_{number}")).collect();
    for step in 0..points / METRICS {
        let value = |number: usize| ((step * METRICS + number) as f64 * 0.618).sin();
        run.log_at(
            step,
            names
                .iter()
                .enumerate()
                .map(|(number, name)| (name, value(number)))
                .collect::<Vec<_>>(),
        );
    }
    run.finish().unwrap();
    RunReader::open(run.path()).unwrap()
}

/// What this thread has had of a processor, which is the same on a machine that does other things too.
fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn timed<T>(what: &str, points: u64, work: impl FnOnce() -> T) -> (T, Duration) {
    let began = on_processor();
    let made = work();
    let took = on_processor() - began;
    let rate = points as f64 / took.as_secs_f64() / 1e6;
    println!("{what:<44} {:>8.3} s  {rate:>7.2} M points/s", took.as_secs_f64());
    (made, took)
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn main() {
    let points = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let run = written(folder.path(), points);
    // What writing the run took is not of interest here.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let out = folder.path().join("out");
    let to: Destination = format!("wandb:{}", out.display()).parse().unwrap();
    let mut target = to.open(&run, None).unwrap();
    let (account, _) = timed("tracker: out", points as u64, || export(&run, &mut *target).unwrap());
    assert_eq!(account.kept()["points"], points as u64);
    println!("{:<44} {:>8.1} MB", "tracker: out, peak of memory", peak() as f64 / 1e3);
    let (sum, ours) = timed("tracker: in", points as u64, || {
        let mut source = WandbSource::open(&out).unwrap();
        let runs = source.runs().unwrap();
        let mut sum = Sum::default();
        source.read(&runs[0], &mut sum, &mut Account::default()).unwrap();
        sum
    });
    assert_eq!(sum.points, points as u64);
    println!("sum {}", sum.sum);
    let Ok(python) = std::env::var("WANDB_PYTHON") else {
        return println!("set WANDB_PYTHON to compare with W&B's own reader");
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/wandb.py");
    let output = Command::new(python).arg("-P").arg(script).arg(&out).output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stderr));
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (what, seconds) = line.rsplit_once(' ').unwrap();
        let seconds: f64 = seconds.parse().unwrap();
        println!(
            "{what:<44} {seconds:>8.3} s  {:>7.1} times as long",
            seconds / ours.as_secs_f64()
        );
    }
}
