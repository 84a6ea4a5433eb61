//! The trainings that are killed, each in a process of its own.

use std::{
    env,
    ffi::OsString,
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tracker_core::{Event, Point, Report, Run, Tracker, init, testing::SharedWords};

const ROLE: &str = "TRACKER_FAULTS_ROLE";
const ACK: &str = "TRACKER_FAULTS_ACK";
const THREADS: &str = "TRACKER_FAULTS_THREADS";
const CALLS: &str = "TRACKER_FAULTS_CALLS";
const FIRST: &str = "TRACKER_FAULTS_FIRST_THREAD";
const TEXTS: &str = "TRACKER_FAULTS_TEXTS";

/// The words in which a training says that `finish` has returned, and what it came to.
pub(crate) const FINISHED: usize = 100;
pub(crate) const SAVED_ALL: usize = 101;
pub(crate) const DROPPED: usize = 102;
pub(crate) const WAITING: usize = 103;
pub(crate) const SLOWEST_MICROS: usize = 104;
/// How many points `finish` said were written; 0 if it said that not all were.
pub(crate) const TOLD: usize = 105;

/// How long each text is that a training records.
const TEXT_BYTES: usize = 10_000;

/// A training to start: what it does and how much.
#[derive(Debug, Clone)]
pub(crate) struct Training {
    /// `full-rate`, or `paced` with a step every tenth of a millisecond.
    pub(crate) role: &'static str,
    pub(crate) threads: usize,
    /// The number of its first thread: trainings of one run have threads of their own.
    pub(crate) first_thread: usize,
    /// How many texts it records before it logs.
    pub(crate) texts: u64,
    /// What starts it: nothing, or a program and its first arguments.
    pub(crate) launcher: Vec<String>,
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
        let mut training = Self {
            role: "full-rate",
            threads,
            first_thread: 0,
            texts: 0,
            launcher: Vec::new(),
            calls,
            store: store.to_owned(),
            ack: PathBuf::new(),
            env: Vec::new(),
        };
        training.count_anew_in(store.with_extension("ack"));
        training
    }

    /// Counts calls in this file, from 0.
    pub(crate) fn count_anew_in(&mut self, ack: PathBuf) {
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&ack).unwrap();
        file.set_len(SharedWords::BYTES).unwrap();
        self.ack = ack;
    }

    /// As [`at_full_rate`](Self::at_full_rate), with a step every tenth of a millisecond.
    pub(crate) fn paced(store: &Path, threads: usize, calls: u64) -> Self {
        Self { role: "paced", ..Self::at_full_rate(store, threads, calls) }
    }

    pub(crate) fn start(&self) -> Child {
        let program = env::current_exe().unwrap().into_os_string();
        let mut line = self.launcher.iter().map(OsString::from).chain([program]);
        let mut command = Command::new(line.next().unwrap());
        command
            .args(line)
            .env(ROLE, self.role)
            .env(FIRST, self.first_thread.to_string())
            .env(TEXTS, self.texts.to_string())
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

    /// Waits until each thread has logged something.
    pub(crate) fn wait_for_calls(&self, calls: u64) {
        let since = Instant::now();
        while self.acknowledged().iter().any(|acknowledged| *acknowledged < calls) {
            assert!(since.elapsed() < Duration::from_mins(1), "the training logs nothing");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The numbers of its threads.
    pub(crate) fn thread_numbers(&self) -> std::ops::Range<usize> {
        self.first_thread..self.first_thread + self.threads
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
    let first = number(FIRST) as usize;
    let run = init("faults").start().unwrap();
    for number in 0..number(TEXTS) {
        let text = "x".repeat(TEXT_BYTES);
        run.record(Event::Text { name: "sample".into(), step: number.into(), text });
    }
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (run, words) = (&run, &words);
            scope.spawn(move || log(run, words, (first, thread), calls, pause));
        }
    });
    let finished = run.finish();
    let status = run.status();
    let told = finished.as_ref().map_or(0, Report::points);
    words.word(TOLD).store(told, Ordering::Release);
    words.word(SAVED_ALL).store(finished.is_ok().into(), Ordering::Release);
    words.word(DROPPED).store(status.dropped, Ordering::Release);
    words.word(WAITING).store(status.waiting, Ordering::Release);
    words.word(FINISHED).store(1, Ordering::Release);
    std::process::exit(0);
}

fn log(
    run: &Run,
    words: &SharedWords,
    (first, place): (usize, usize),
    calls: u64,
    pause: Option<Duration>,
) {
    let thread = first + place;
    let metric = run.metric(&metric(thread));
    let each = points_a_call(thread);
    let mut slowest = Duration::ZERO;
    for call in 0..calls {
        let start = call * each;
        let points: Vec<Point> =
            (start..start + each).map(|n| metric.point(n, value(thread, n))).collect();
        let since = Instant::now();
        run.write(&points);
        slowest = slowest.max(since.elapsed());
        words.word(place).store(call + 1, Ordering::Release);
        if let Some(pause) = pause {
            std::thread::sleep(pause);
        }
    }
    words.word(SLOWEST_MICROS).fetch_max(slowest.as_micros() as u64, Ordering::AcqRel);
}
