//! What it costs to watch sixteen trainings: the processor time of the thread that does, beside the time that passes. Each
//! training logs ten metrics ten times a second, of which one is watched.
//!
//! ```text
//! cargo run --release -p tracker-study --example watching
//! ```

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use tracker_core::{Run, RunId, Tracker, init, read::Store, studies::StudyFolder};
use tracker_study::{Begun, Journal, Plan, Watcher, sampler_of};

const TRAININGS: usize = 16;
const LOOK: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);

/// How many steps there are between two values of the metric that is watched.
const EPOCH: u64 = 50;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let root = std::env::temp_dir().join(format!("watching-{}", std::process::id()));
    let folder = StudyFolder::create(&root, "watching", "sixteen")?;
    let plan = Plan::from_json(&json!({
        "project": "watching", "name": "sixteen", "method": "random",
        "metric": { "name": "valid/loss", "goal": "minimize" },
        "early_terminate": { "type": "median", "min_iter": 1 },
        "parameters": { "lr": { "min": 1e-5, "max": 1e-1, "log": true } },
    }))?;
    let mut journal = Journal::create(&folder, &plan)?;
    let mut runs = Vec::new();
    for _ in 0..TRAININGS {
        let id = RunId::generate();
        if let Begun::Trial(_) = journal.begin_trial(&*sampler_of(&plan), Some(&id))? {
            runs.push(init("watching").dir(&root).id(id).system_metrics(false).start()?);
        }
    }
    let is_over = AtomicBool::new(false);
    let share = thread::scope(|scope| {
        for run in &runs {
            scope.spawn(|| train(run, &is_over));
        }
        let share = watch(&mut journal, &Store::open(&root)?);
        is_over.store(true, Ordering::Relaxed);
        share
    })?;
    println!("{TRAININGS} trainings are watched at {:.3} % of a core", share * 100.0);
    for run in &runs {
        run.finish()?;
    }
    fs::remove_dir_all(&root)?;
    Ok(())
}

fn train(run: &Run, is_over: &AtomicBool) {
    for step in 1.. {
        if is_over.load(Ordering::Relaxed) || run.requests().stop > tracker_core::Stop::No {
            return;
        }
        let values = (0..10).map(|metric| (format!("train/{metric}"), step as f64));
        run.log(values.collect::<Vec<_>>());
        if step % EPOCH == 0 {
            run.log([("valid/loss", 1.0 / step as f64)]);
        }
        thread::sleep(STEP);
    }
}

/// The processor time that watching takes, as a share of a core.
fn watch(journal: &mut Journal, store: &Store) -> Result<f64, Failed> {
    let mut watcher = Watcher::new(store.clone());
    // The first look opens all runs.
    watcher.look(journal)?;
    let (begun, before) = (Instant::now(), processor_time()?);
    while begun.elapsed() < Duration::from_secs(20) {
        journal.read_on()?;
        watcher.look(journal)?;
        thread::sleep(LOOK);
    }
    let spent = processor_time()?.saturating_sub(before);
    Ok(spent.as_secs_f64() / begun.elapsed().as_secs_f64())
}

/// How long this thread has had a processor, by what Linux says.
fn processor_time() -> Result<Duration, Failed> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split_whitespace().next().unwrap_or_default();
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
