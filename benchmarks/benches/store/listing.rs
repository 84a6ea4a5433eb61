//! What a list of 10,000 runs takes, with each run's state and the summaries of its metrics.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use tracker_core::{init, read::Store};
use ulid::Ulid;

use crate::{
    Scale, process, scratch,
    table::{Table, at_most},
};

const RUNS: usize = 10_000;
const RUN_FILE: &str = "run.json";

/// How each run comes to its 40 values: by metrics, each of so many steps.
const SHAPES: [(usize, u64); 2] = [(4, 10), (40, 1)];

/// A reader keeps nothing of files that changed a moment ago: they may change again within the
/// same tick of the file system's clock.
const SETTLED: Duration = Duration::from_secs(4);

pub(crate) fn run(_: Scale) {
    let columns = ["each run", "first", "wall", "goal", "again", "wall", "goal"];
    let mut table =
        Table::new(format!("CPU of a list of {RUNS} runs with states and summaries"), &columns);
    for (metrics, steps) in SHAPES {
        let folder = scratch::folder();
        write_runs(folder.path(), metrics, steps);
        std::thread::sleep(SETTLED);
        let store = Store::open(folder.path()).unwrap();
        let mut cells = vec![format!("{metrics} metrics of {steps} values")];
        for goal in [400.0, 50.0] {
            let (cpu, wall) = list(&store, metrics);
            cells.push(milliseconds(cpu));
            cells.push(milliseconds(wall));
            cells.push(at_most(cpu.as_secs_f64() * 1e3, goal, " ms"));
        }
        table.row(cells);
    }
    table.print();
}

fn list(store: &Store, metrics: usize) -> (Duration, Duration) {
    let (since, before) = (Instant::now(), process::cpu());
    let listing = store.runs().unwrap();
    assert_eq!((listing.runs.len(), listing.warnings.len()), (RUNS, 0));
    for run in &listing.runs {
        assert_eq!(run.state(), tracker_core::State::Finished);
        assert_eq!(run.summary().unwrap().len(), metrics);
    }
    (process::cpu() - before, since.elapsed())
}

/// Writes one run with tracker, and the others as copies of it under ids of their own. A list
/// opens no file but `run.json`: the others need not be copied, only be there.
fn write_runs(folder: &Path, metrics: usize, steps: u64) {
    let run = init("listing").dir(folder).start().unwrap();
    for metric in 0..metrics {
        let metric = run.metric(&format!("valid/metric-{metric}"));
        (0..steps).for_each(|step| metric.log(step, 1.0 / (step + 1) as f64));
    }
    run.finish().unwrap();
    let text = fs::read_to_string(run.path().join(RUN_FILE)).unwrap();
    for _ in 1..RUNS {
        let id = Ulid::generate().to_string();
        let folder = run.path().with_file_name(&id);
        link(run.path(), &folder);
        fs::write(folder.join(RUN_FILE), text.replace(run.id().as_str(), &id)).unwrap();
    }
}

/// Makes a folder with the same files but `run.json`.
fn link(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            link(&entry.path(), &target);
        } else if entry.file_name() != RUN_FILE {
            fs::hard_link(entry.path(), target).unwrap();
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}
