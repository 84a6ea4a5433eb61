//! What the process writes to its standard output and error, as messages of the runs that want it.
//!
//! ```text
//! println!, C libraries, children ─> pipe or terminal of ours ─> pump (a thread) ─┬─> where it went before
//!                                                                                 └─> lines ─> runs
//! ```
//!
//! One capture serves all runs of the process that want it: it begins with the first and is given back
//! when the last has ended. The thread goes on without recording as long as somebody, such as a child of
//! the process, still holds our end: what is written there must come out.
//!
//! | who waits, a second at most | for what |
//! |---|---|
//! | `finish` | what was written before it |
//! | a signal that ends the process, an `exit` | the same: it must come to the terminal |
//! | a panic | its words, before somebody aborts |
//!
//! What a `kill -9` or an abort without a panic finds on its way, within a millisecond or so, is lost
//! for the terminal too.

mod pump;
mod screen;

use std::{
    io::{self, PipeWriter, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    Problem,
    platform::{
        at_exit, is_forked_child,
        output::{self, Led, Standard},
    },
    run::{messages, output::pump::Pump},
};

/// How long to wait for what was written.
const LONGEST: Duration = Duration::from_secs(1);

/// How often to look whether it has come.
const LOOK_EVERY: Duration = Duration::from_micros(500);

/// The capture of this process, and for how many runs it is.
static CAPTURE: Mutex<Option<(Capture, usize)>> = Mutex::new(None);

/// Has the process's output for a run, until its [`end`](Captured::end).
#[derive(Debug)]
pub(crate) struct Captured(());

#[derive(Debug)]
struct Capture {
    led: Vec<Led>,
    bell: PipeWriter,
    rounds: Arc<Rounds>,
}

/// How often somebody wanted to know that all is out, and how often it was.
#[derive(Debug, Default)]
struct Rounds {
    asked: AtomicU64,
    done: AtomicU64,
    /// From which round on nothing is recorded; 0 as long as there is none.
    last: AtomicU64,
    /// Whether lines are no longer recorded, by a mistake of ours.
    is_broken: AtomicBool,
}

impl Captured {
    /// Captures from now on.
    pub(crate) fn begin() -> Result<Self, Problem> {
        let mut capture = CAPTURE.lock();
        match &mut *capture {
            Some((_, runs)) => *runs += 1,
            None => *capture = Some((Capture::begin().map_err(|error| problem(&error))?, 1)),
        }
        Ok(Self(()))
    }

    /// Waits until what was written is recorded. Says what is not.
    pub(crate) fn end(self) -> Option<Problem> {
        let Self(()) = self;
        if is_forked_child() {
            return None;
        }
        let mut capture = CAPTURE.lock();
        let (kept, runs) = capture.as_mut()?;
        *runs -= 1;
        if *runs > 0 {
            return kept.settle(LONGEST);
        }
        capture.take().and_then(|(capture, _)| capture.end())
    }
}

/// Gives the streams back for good, so that all that was written comes to where it was meant to. For
/// who ends the process.
pub(crate) fn give_back() {
    if is_forked_child() {
        return;
    }
    let Some(mut capture) = CAPTURE.try_lock_for(LONGEST) else { return };
    if let Some((capture, _)) = capture.take() {
        // Nobody is left to be told.
        let _ = capture.end();
    }
}

/// Waits a moment until what a panic has said is out.
pub(crate) fn settle_after_panic() {
    if is_forked_child() {
        return;
    }
    let Some(capture) = CAPTURE.try_lock_for(LONGEST) else { return };
    if let Some((capture, _)) = &*capture {
        // The run's end says what is not kept.
        let _ = capture.settle(LONGEST);
    }
}

extern "C" fn on_exit() {
    give_back();
}

impl Capture {
    fn begin() -> io::Result<Self> {
        static ONCE: std::sync::Once = std::sync::Once::new();
        let (woken_by, bell) = io::pipe()?;
        let rounds = Arc::new(Rounds::default());
        let (sources, led): (Vec<_>, Vec<_>) = output::lead()?.into_iter().unzip();
        let names = led.iter().map(|led| name(led.streams()));
        let pump = Pump::new(sources.into_iter().zip(names), woken_by, Arc::clone(&rounds));
        let capture = Self { led, bell, rounds };
        let spawned =
            thread::Builder::new().name("tracker-output".into()).spawn(move || pump.run());
        if let Err(error) = spawned {
            capture.led.iter().for_each(Led::give_back);
            return Err(error);
        }
        ONCE.call_once(|| at_exit(on_exit));
        Ok(capture)
    }

    /// Waits until all is out that was written before. Says what is not kept.
    fn settle(&self, patience: Duration) -> Option<Problem> {
        let round = self.rounds.asked.fetch_add(1, Ordering::AcqRel) + 1;
        self.wait_for(round, patience)
    }

    /// Takes nothing from now on, and waits for what was written before.
    fn end(self) -> Option<Problem> {
        self.led.iter().for_each(Led::give_back);
        let round = self.rounds.asked.fetch_add(1, Ordering::AcqRel) + 1;
        self.rounds.last.store(round, Ordering::Release);
        self.wait_for(round, LONGEST)
    }

    fn wait_for(&self, round: u64, patience: Duration) -> Option<Problem> {
        // A thread that is gone has nothing to wait for.
        let rings = (&self.bell).write(&[0]).is_ok();
        let end = Instant::now() + patience;
        let is_done = || !rings || self.rounds.done.load(Ordering::Acquire) >= round;
        while !is_done() && Instant::now() < end {
            thread::sleep(LOOK_EVERY);
        }
        if self.rounds.is_broken.load(Ordering::Acquire) {
            return Some(cut(
                "by a mistake of tracker's",
                "report it, with what the program writes",
            ));
        }
        let why = "where it goes to takes nothing";
        (!is_done()).then(|| cut(why, "let the terminal, or who reads it, go on"))
    }
}

/// What a message says of where it was written.
fn name(streams: &[Standard]) -> &'static str {
    match streams {
        [Standard::Output] => "stdout",
        [Standard::Error] => "stderr",
        _ => "stdout and stderr",
    }
}

fn problem(error: &io::Error) -> Problem {
    Problem::new(
        "output-not-captured",
        format!("the output of the program is not kept: {error}"),
        "start the program with `2>&1 | tee FILE`, or without `capture_output`",
    )
}

/// That the last lines are not kept.
fn cut(why: &str, hint: &str) -> Problem {
    Problem::new("output-cut", format!("the end of the program's output is not kept: {why}"), hint)
}

/// Tells the runs that want it what was written.
fn tell(target: &'static str, lines: Vec<String>) {
    for line in lines {
        messages::tell_of_output(target, line);
    }
}
