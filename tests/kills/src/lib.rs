//! Trainings that are killed at any moment, and go on: their series and weights are those of one that was
//! never killed, bit for bit.
//!
//! A test program of this package trains in a process of its own, which it starts again and again: see
//! [`Attempt`] for the training's side, [`compare`] for the other one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    cell::Cell,
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use rustix::process::{Signal, getpid, kill_process};
use tracker_core::{Run, init, read::Store};

const KIND: &str = "TRACKER_TEST_KIND";
const KILL_AT: &str = "TRACKER_TEST_KILL_AT";
const STORE: &str = "TRACKER_DIR";

/// How a process ends that found no checkpoint to go on from.
const NOTHING_TO_GO_ON_FROM: i32 = 3;

/// What the process of a test is asked to train, and when to die.
#[derive(Debug)]
pub struct Attempt {
    /// Which of the test's trainings.
    pub kind: String,
    /// How many moments it has yet to live; `None` for a training that comes to its end.
    left: Cell<Option<u32>>,
}

impl Attempt {
    /// What this process is asked for; `None` in one that a person started.
    pub fn asked() -> Option<Self> {
        let kill_at = env::var(KILL_AT).ok().map(|at| at.parse().unwrap());
        Some(Self { kind: env::var(KIND).ok()?, left: Cell::new(kill_at) })
    }

    /// A moment at which the process may be killed.
    pub fn moment(&self) {
        match self.left.get() {
            Some(0) => kill_process(getpid(), Signal::KILL).unwrap(),
            left => self.left.set(left.map(|left| left - 1)),
        }
    }

    /// The run of this training: a new one, or the one that was killed.
    pub fn run(&self) -> Run {
        let store = env::var(STORE).unwrap();
        let is_new = Store::open(store).unwrap().runs().unwrap().runs.is_empty();
        let run = init("kills").code_changes(false).system_metrics(false);
        if is_new { run.name("first") } else { run.resume("first") }.start().unwrap()
    }

    /// Says that a run was killed before its first checkpoint.
    pub fn has_nothing_to_go_on_from(&self) -> ! {
        process::exit(NOTHING_TO_GO_ON_FROM)
    }

    /// Ends the run, which must have had no trouble, and keeps the weights to compare.
    pub fn finish(&self, run: &Run, weights: &str) {
        assert_eq!(run.finish().unwrap().problems(), []);
        fs::write(Path::new(&env::var(STORE).unwrap()).join("weights"), weights).unwrap();
    }
}

/// A training of a kind, in a store of its own.
struct Training<'a> {
    kind: &'a str,
    folder: tempfile::TempDir,
    /// How often it was begun.
    begun: u32,
}

impl<'a> Training<'a> {
    fn new(kind: &'a str) -> Self {
        Self { kind, folder: tempfile::tempdir().unwrap(), begun: 1 }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join(self.begun.to_string())
    }

    /// Whether an attempt came to the end of the training.
    fn attempt(&mut self, kill_at: Option<u32>) -> bool {
        fs::create_dir_all(self.store()).unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "process", "--ignored", "--nocapture"]);
        command.env(STORE, self.store()).env(KIND, self.kind).stdin(Stdio::null());
        if let Some(at) = kill_at {
            command.env(KILL_AT, at.to_string());
        }
        let output = command.output().unwrap();
        match output.status.code() {
            Some(0) => true,
            None => false,
            Some(NOTHING_TO_GO_ON_FROM) => {
                self.begun += 1;
                self.attempt(kill_at)
            }
            Some(_) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// What two trainings share that are the same: all but times.
#[derive(Debug, PartialEq)]
struct Traces {
    weights: String,
    series: BTreeMap<String, Vec<(u64, u64)>>,
}

impl Traces {
    fn of(store: &Path) -> Self {
        let listing = Store::open(store).unwrap().runs().unwrap();
        assert_eq!((listing.runs.len(), listing.warnings.len()), (1, 0));
        let run = &listing.runs[0];
        let is_time = |name: &String| {
            ["seconds", "per_second", "data_wait"].iter().any(|time| name.ends_with(time))
        };
        let metrics = run.metrics().unwrap().into_iter().filter(|name| !is_time(name));
        let rows = |name: &str| {
            let rows = run.series(name).unwrap();
            rows.iter().map(|row| (row.step.0, row.value.to_bits())).collect()
        };
        Self {
            weights: fs::read_to_string(store.join("weights")).unwrap(),
            series: metrics.map(|name| (name.clone(), rows(&name))).collect(),
        }
    }
}

/// Trains once in one piece, and then in pieces that are killed at these moments; the last of them goes
/// on to the end.
///
/// # Panics
/// If they differ.
pub fn compare(kind: &str, trainings: &[Vec<u32>]) {
    let mut whole = Training::new(kind);
    assert!(whole.attempt(None));
    let whole = Traces::of(&whole.store());
    assert!(whole.series.len() >= 6, "{:?}", whole.series.keys());
    for kills in trainings {
        let mut parts = Training::new(kind);
        let is_over = kills.iter().any(|kill| parts.attempt(Some(*kill)));
        assert!(is_over || parts.attempt(None));
        let parts = Traces::of(&parts.store());
        for (name, rows) in &whole.series {
            assert_eq!(parts.series.get(name), Some(rows), "{kind} {kills:?}: {name}");
        }
        assert_eq!(parts, whole, "{kind} {kills:?}");
    }
}

/// For so many trainings the moments of so many kills, below `most`, from a small generator.
pub fn moments(seed: u64, trainings: usize, kills: usize, most: u64) -> Vec<Vec<u32>> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((state >> 40) % most) as u32
    };
    let times = times();
    (0..trainings * times).map(|_| (0..kills).map(|_| next()).collect()).collect()
}

/// How many times as many trainings as usual; see `TRACKER_KILLS`.
fn times() -> usize {
    env::var("TRACKER_KILLS").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}
