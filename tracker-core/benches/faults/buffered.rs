//! What `kill -9` takes from a run whose ring goes with the process.

use std::time::Duration;

use tracker_core::read::Store;

use crate::{Broken, child::Training};

const KILLS: u32 = 100;

/// What the logger sleeps between two steps, as [`Training`]s of the role `paced` do.
const PAUSE_MS: f64 = 0.1;

pub(crate) fn buffered() -> Broken {
    let busy = Busy::start();
    let mut lost: Vec<f64> = (0..KILLS).map(kill_one).collect();
    drop(busy);
    lost.sort_by(f64::total_cmp);
    let at = |percent: usize| lost[(lost.len() - 1) * percent / 100];
    println!(
        "{KILLS} kills at a step every 0.1 ms, both cores busy; missing at the end: median {:.1} ms, \
         95 % {:.1} ms (goal 5), worst {:.1} ms (goal 50)",
        at(50),
        at(95),
        at(100)
    );
    usize::from(at(95) > 5.0) + usize::from(at(100) > 50.0)
}

fn kill_one(number: u32) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    std::fs::create_dir_all(&store).unwrap();
    let mut training = Training::at_full_rate(&store, 1, u64::MAX);
    training.role = "paced";
    training.env.push(("TRACKER_RING", "memory".into()));
    let mut child = training.start();
    let started = std::time::Instant::now();
    std::thread::sleep(Duration::from_micros(150_000 + u64::from(number) * 7_919));
    child.kill().unwrap();
    let alive = started.elapsed().as_secs_f64() * 1e3;
    child.wait().unwrap();
    let logged = training.acknowledged()[0];
    let run = Store::open(&store).unwrap().find("@latest").unwrap();
    let rows = run.series(&crate::child::metric(0)).map_or(0, |rows| rows.len() as u64);
    let step = (alive / logged.max(1) as f64).max(PAUSE_MS);
    logged.saturating_sub(rows) as f64 * step
}

/// Threads that keep all cores busy.
struct Busy {
    threads: Vec<std::thread::JoinHandle<()>>,
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Busy {
    fn start() -> Self {
        use std::sync::atomic::{AtomicBool, Ordering};
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let spin = |stop: std::sync::Arc<AtomicBool>| {
            move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::black_box((0..1_000_u64).sum::<u64>());
                }
            }
        };
        let threads = (0..cores).map(|_| std::thread::spawn(spin(stop.clone()))).collect();
        Self { threads, stop }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}
