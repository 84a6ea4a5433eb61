//! The trainings that are killed, each in a process of its own.

use std::{
    env,
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tracker_core::{Point, Run, Tracker, init, testing::SharedWords};

const ROLE: &str = "TRACKER_FAULTS_ROLE";
const ACK: &str = "TRACKER_FAULTS_ACK";
const THREADS: &str = "TRACKER_FAULTS_THREADS";
const CALLS: &str = "TRACKER_FAULTS_CALLS";

/// The words in which a training says that `finish` has returned, and what it came to.
pub(crate) const FINISHED: usize = 100;
pub(crate) const SAVED_ALL: usize = 101;
pub(crate) const DROPPED: usize = 102;
pub(crate) const WAITING: usize = 103;
pub(crate) const SLOWEST_MICROS: usize = 104;

/// A training to start: what it does and how much.
#[derive(Debug, Clone)]
pub(crate) struct Training {
    /// `full-rate`, or `paced` with a step every tenth of a millisecond.
    pub(crate) role: &'static str,
    pub(crate) threads: usize,
    /// Log calls of each thread.
    pub(crate) calls: u64,
    /// The store.
    pub(crate) store: PathBuf,
    /// The file in which each thread counts the calls that have returned.
    pub(crate) ack: PathBuf,
    /// More of the environment.
    pub(crate) env: Vec<(&'static str, String)>,
}

impl Training {
    /// A training at full rate in a store, which counts in a file beside the store.
    pub(crate) fn at_full_rate(store: &Path, threads: usize, calls: u64) -> Self {
        let ack = store.with_extension("ack");
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&ack).unwrap();
        file.set_len(SharedWords::BYTES).unwrap();
        Self { role: "full-rate", threads, calls, store: store.to_owned(), ack, env: Vec::new() }
    }

    pub(crate) fn start(&self) -> Child {
        Command::new(env::current_exe().unwrap())
            .env(ROLE, self.role)
            .env(ACK, &self.ack)
            .env(THREADS, self.threads.to_string())
            .env(CALLS, self.calls.to_string())
            .env("TRACKER_DIR", &self.store)
            .env("TRACKER_PROGRESS", "off")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// How many calls of each thread have returned.
    pub(crate) fn acknowledged(&self) -> Vec<u64> {
        let words = SharedWords::open(&self.ack).unwrap();
        (0..self.threads).map(|thread| words.word(thread).load(Ordering::Acquire)).collect()
    }

    pub(crate) fn has_finished(&self) -> bool {
        self.word(FINISHED) == 1
    }

    /// What the training says in one of its words.
    pub(crate) fn word(&self, index: usize) -> u64 {
        SharedWords::open(&self.ack).unwrap().word(index).load(Ordering::Acquire)
    }
}

pub(crate) fn is_child() -> bool {
    env::var_os(ROLE).is_some()
}

/// The value of a thread's call: any bits, NaN and infinities among them.
pub(crate) fn value(thread: usize, call: u64) -> f64 {
    let mixed = (call ^ (thread as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    f64::from_bits(mixed ^ mixed >> 29)
}

/// The name of a thread's metric. Long ones take several slots.
pub(crate) fn metric(thread: usize) -> String {
    format!("thread-{thread}/{}", "value".repeat(thread + 1))
}

/// How many points each call of a thread writes: all of the same metric.
pub(crate) fn points_a_call(thread: usize) -> u64 {
    1 + thread as u64 % 3
}

pub(crate) fn train() -> ! {
    let words = SharedWords::open(Path::new(&env::var_os(ACK).unwrap())).unwrap();
    let number = |name: &str| env::var(name).unwrap().parse::<u64>().unwrap();
    let (threads, calls) = (number(THREADS) as usize, number(CALLS));
    let pause = match env::var(ROLE).unwrap().as_str() {
        "paced" => Some(Duration::from_micros(100)),
        _ => None,
    };
    let run = init("faults").start().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (run, words) = (&run, &words);
            scope.spawn(move || log(run, words, thread, calls, pause));
        }
    });
    let finished = run.finish();
    let status = run.status();
    words.word(SAVED_ALL).store(finished.is_ok().into(), Ordering::Release);
    words.word(DROPPED).store(status.dropped, Ordering::Release);
    words.word(WAITING).store(status.waiting, Ordering::Release);
    words.word(FINISHED).store(1, Ordering::Release);
    std::process::exit(0);
}

fn log(run: &Run, words: &SharedWords, thread: usize, calls: u64, pause: Option<Duration>) {
    let metric = run.metric(&metric(thread));
    let each = points_a_call(thread);
    let mut slowest = Duration::ZERO;
    for call in 0..calls {
        let first = call * each;
        let points: Vec<Point> =
            (first..first + each).map(|n| metric.point(n, value(thread, n))).collect();
        let since = Instant::now();
        run.write(&points);
        slowest = slowest.max(since.elapsed());
        words.word(thread).store(call + 1, Ordering::Release);
        if let Some(pause) = pause {
            std::thread::sleep(pause);
        }
    }
    words.word(SLOWEST_MICROS).fetch_max(slowest.as_micros() as u64, Ordering::AcqRel);
}
