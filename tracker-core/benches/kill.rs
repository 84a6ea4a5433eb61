//! What `kill -9` takes from a training.
//!
//! `cargo bench -p tracker-core --bench kill` starts a training in a process of its own, which
//! logs two scalars every 0.1 ms and stores each logged step in a file right after the call. It is
//! killed at a random time, again and again. Printed is how much of what was logged is missing
//! in the store, in steps and in milliseconds of training.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may panic")]

use std::{
    env, fs,
    os::unix::fs::FileExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tracker_core::{State, init, read::Store};

const KILLS: u32 = 100;
const CHILD: &str = "TRACKER_BENCH_CHILD";

fn main() {
    if env::var_os(CHILD).is_some() {
        train();
    }
    let mut lost: Vec<(u64, f64)> = (0..KILLS).map(kill_one).collect();
    lost.sort_by(|a, b| a.1.total_cmp(&b.1));
    let at = |percent: usize| lost[(lost.len() - 1) * percent / 100];
    println!("\n{KILLS} kills of a training with a step every 0.1 ms; missing at the end");
    println!("              median      95 %     worst");
    println!("steps       {:>8} {:>9} {:>9}", at(50).0, at(95).0, at(100).0);
    println!("ms          {:>8.2} {:>9.2} {:>9.2}", at(50).1, at(95).1, at(100).1);
}

fn train() -> ! {
    let run = init("kill").start().unwrap();
    let ack = fs::File::create(run.path().join("../ack")).unwrap();
    let (loss, accuracy) = (run.metric("train/loss"), run.metric("train/accuracy"));
    let started = Instant::now();
    for step in 0_u64.. {
        loss.log(step, step as f64);
        accuracy.log(step, -(step as f64));
        let micros = started.elapsed().as_micros() as u64;
        let both = [step.to_le_bytes(), micros.to_le_bytes()].concat();
        ack.write_all_at(&both, 0).unwrap();
        std::thread::sleep(Duration::from_micros(100));
    }
    unreachable!("it is killed");
}

/// Kills one training. Returns the missing steps, and how many milliseconds of training they are.
fn kill_one(number: u32) -> (u64, f64) {
    let store = tempfile::tempdir().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .env(CHILD, "1")
        .env("TRACKER_DIR", store.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Spread over a second, by a step that shares no factor with the writer's pause.
    std::thread::sleep(Duration::from_micros(50_000 + u64::from(number) * 7_919));
    child.kill().unwrap();
    child.wait().unwrap();
    measure(store.path())
}

fn measure(store: &Path) -> (u64, f64) {
    let run = Store::open(store).unwrap().find("@latest").unwrap();
    assert_eq!(run.state(), State::Crashed);
    let ack = fs::read(store.join("kill/ack")).unwrap();
    let number = |at: usize| u64::from_le_bytes(ack[at..at + 8].try_into().unwrap());
    let (logged, micros) = (number(0) + 1, number(8));
    let rows = run.series("train/accuracy").unwrap();
    assert!((0..).zip(&rows).all(|(n, row)| row.step.0 == n), "the steps have a hole");
    let missing = logged.saturating_sub(rows.len() as u64);
    (missing, missing as f64 * micros as f64 / logged as f64 / 1_000.0)
}
