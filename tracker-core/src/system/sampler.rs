//! The thread that samples the machine for all runs of this process.

use std::{
    fmt::Debug,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use crate::system::{machine::Machine, sensor::Readings};

/// When a run is first looked at, before its interval takes over: most trainings that fail, fail soon.
const FIRST: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(5)];

/// What a sample may cost of its interval. One that takes longer comes half as often.
const MOST: u32 = 1_000;
/// So seldom it is looked at anyway.
const SELDOM: Duration = Duration::from_mins(5);

/// A run that wants to know of its machine.
pub(crate) trait Sampled: Send + Sync + Debug {
    /// Takes what the machine says. `false` if it has ended.
    fn take(&self, machine: &Readings) -> bool;
}

static SAMPLER: Mutex<Sampler> = Mutex::new(Sampler { runs: Vec::new(), lives: false });
static CHANGED: Condvar = Condvar::new();

/// What the thread looks at, as long as it lives.
static MACHINE: Mutex<Weak<Mutex<Machine>>> = Mutex::new(Weak::new());

struct Sampler {
    runs: Vec<Entry>,
    /// Whether the thread lives. It ends with the last run, and the next one starts it again.
    lives: bool,
}

struct Entry {
    run: Weak<dyn Sampled>,
    started: Instant,
    taken: usize,
    interval: Duration,
    due: Instant,
}

impl Entry {
    fn new(run: Weak<dyn Sampled>, interval: Duration) -> Self {
        let started = Instant::now();
        let due = started + first(0, interval);
        Self { run, started, taken: 0, interval, due }
    }

    /// Its next time, after a sample that took `cost`.
    fn go_on(&mut self, cost: Duration) {
        self.taken += 1;
        if cost * MOST > self.interval {
            self.interval = (self.interval * 2).min(SELDOM.max(self.interval));
        }
        let now = Instant::now();
        self.due = if self.taken < FIRST.len() {
            (self.started + first(self.taken, self.interval)).max(now)
        } else {
            now + self.interval
        };
    }
}

/// When the `index`th of the first samples is due, after the start.
fn first(index: usize, interval: Duration) -> Duration {
    FIRST[index].min(interval * (index as u32 + 1))
}

/// Samples the machine for this run each `interval`, and sooner at its beginning. The thread does not keep
/// it alive.
///
/// # Errors
/// If no thread can be started.
pub(crate) fn enlist(run: Weak<dyn Sampled>, interval: Duration) -> std::io::Result<()> {
    let mut sampler = SAMPLER.lock();
    sampler.runs.push(Entry::new(run, interval));
    if !sampler.lives {
        if let Err(error) = thread::Builder::new().name("tracker-system".into()).spawn(sample) {
            sampler.runs.pop();
            return Err(error);
        }
        sampler.lives = true;
    }
    CHANGED.notify_one();
    Ok(())
}

fn sample() {
    let machine = Arc::new(Mutex::new(Machine::look_around()));
    // From here on, counters grow.
    machine.lock().sample();
    *MACHINE.lock() = Arc::downgrade(&machine);
    while wait_for_the_next() {
        let began = Instant::now();
        let readings = machine.lock().sample();
        for run in due_now() {
            let lives = run.upgrade().is_some_and(|run| run.take(&readings));
            taken(&run, lives.then(|| began.elapsed()));
        }
    }
}

/// What the machine says at once, for a run that ends. `None` while the thread looks at it: nobody waits for
/// a sensor.
pub(crate) fn look_once_more() -> Option<Readings> {
    let machine = MACHINE.lock().upgrade()?;
    let readings = machine.try_lock()?.sample_quick();
    Some(readings)
}

/// Waits until a run is due; `false` if there is none any more, with which the thread ends.
fn wait_for_the_next() -> bool {
    let mut sampler = SAMPLER.lock();
    loop {
        sampler.runs.retain(|entry| entry.run.strong_count() > 0);
        let Some(due) = sampler.runs.iter().map(|entry| entry.due).min() else {
            sampler.lives = false;
            return false;
        };
        if due <= Instant::now() {
            return true;
        }
        CHANGED.wait_until(&mut sampler, due);
    }
}

/// The list is not held while they are used.
fn due_now() -> Vec<Weak<dyn Sampled>> {
    let now = Instant::now();
    let sampler = SAMPLER.lock();
    sampler.runs.iter().filter(|entry| entry.due <= now).map(|entry| entry.run.clone()).collect()
}

/// A run has taken a sample, which cost so much, or has ended.
fn taken(run: &Weak<dyn Sampled>, cost: Option<Duration>) {
    let mut sampler = SAMPLER.lock();
    match cost {
        Some(cost) => {
            let own = sampler.runs.iter_mut().find(|entry| entry.run.ptr_eq(run));
            if let Some(entry) = own {
                entry.go_on(cost);
            }
        }
        None => sampler.runs.retain(|entry| !entry.run.ptr_eq(run)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Nobody;

    impl Sampled for Nobody {
        fn take(&self, _: &Readings) -> bool {
            false
        }
    }

    fn entry(interval: u64) -> Entry {
        Entry::new(Weak::<Nobody>::new(), Duration::from_secs(interval))
    }

    #[test]
    fn the_first_samples_come_soon_and_no_sooner_than_was_asked_for() {
        let seconds = |interval: u64| {
            [0, 1, 2].map(|index| first(index, Duration::from_secs(interval)).as_secs())
        };
        assert_eq!(seconds(10), [1, 2, 5]);
        assert_eq!(seconds(1), [1, 2, 3]);
    }

    #[test]
    fn a_sample_that_costs_too_much_comes_half_as_often() {
        let mut cheap = entry(10);
        cheap.go_on(Duration::from_micros(200));
        assert_eq!(cheap.interval, Duration::from_secs(10));
        let mut dear = entry(10);
        for _ in 0..20 {
            dear.go_on(Duration::from_secs(1));
        }
        assert_eq!(dear.interval, SELDOM);
    }
}
