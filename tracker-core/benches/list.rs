//! How long 10,000 runs take to list with their summaries and states: at first, and again with
//! the same store. `TRACKER_BENCH_STORE` keeps the runs for another time.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::{fs, path::Path, time::Duration};

use rustix::time::{ClockId, clock_gettime};
use tracker_core::{
    Definition, RunId, init,
    read::{RunReader, Store},
};

const RUNS: u64 = 10_000;
const METRICS: usize = 40;

/// The processor time of this process, in milliseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// A store of copies of one run with all that a real one has.
fn fill(root: &Path) {
    let run = init("one").dir(root).signals(false).start().unwrap();
    let names: Vec<String> =
        (0..METRICS).map(|n| format!("{}/metric-{n}", ["train", "valid"][n % 2])).collect();
    for name in names.iter().take(10) {
        run.define(name, Definition::new().lower_is_better());
    }
    for step in 0..50_u32 {
        run.log_at(
            step,
            names
                .iter()
                .map(|name| (name.clone(), f64::from(step).sqrt() / 3.0))
                .collect::<Vec<_>>(),
        );
    }
    run.finish().unwrap();
    let project = root.join("many");
    let original: String = fs::read_to_string(run.path().join("run.json")).unwrap();
    let id = run.id().to_string();
    for _ in 0..RUNS {
        let copy = RunId::generate().to_string();
        let folder = project.join(&copy);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("run.json"), original.replace(&id, &copy)).unwrap();
        for file in ["events-r0a1.jsonl", "summary-r0a1.json"] {
            fs::copy(run.path().join(file), folder.join(file)).unwrap();
        }
        fs::create_dir(folder.join("scalars")).unwrap();
        fs::create_dir(folder.join("files")).unwrap();
    }
    fs::remove_dir_all(run.path()).unwrap();
    // Fresh files are not remembered: they might change again at the same tick of the clock.
    std::thread::sleep(Duration::from_secs(4));
}

fn list(store: &Store) -> usize {
    let runs = store.runs().unwrap().runs;
    let metrics = |run: &RunReader| run.summary().unwrap().len() + run.state().as_str().len();
    runs.iter().map(metrics).sum()
}

fn main() {
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("TRACKER_BENCH_STORE").map(std::path::PathBuf::from);
    let root = kept.as_deref().unwrap_or(temporary.path());
    if !root.join("many").exists() {
        fill(root);
    }
    list(&Store::open(root).unwrap());
    for _ in 0..3 {
        let store = Store::open(root).unwrap();
        let start = cpu();
        let found = list(&store);
        let first = cpu();
        assert_eq!(list(&store), found);
        let again = cpu() - first;
        println!("{RUNS} runs of {METRICS} metrics: {:.0} ms, again {again:.0} ms", first - start);
    }
}
