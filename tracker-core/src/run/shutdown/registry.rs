//! The stored runs of this process that may live.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;

use super::signals;
use crate::{
    Outcome, Report, Result, Stop, console::notice, format::folder::StorePath, platform::signal,
    store::Patience, tracker::stop_flag::StopFlag,
};

static RUNS: Mutex<Registry> = Mutex::new(Registry { runs: Vec::new(), ended_by: None });

struct Registry {
    runs: Vec<Enlisted>,
    /// The signal by which the process will end.
    ended_by: Option<i32>,
}

/// A run of which nobody knows here but that it lives and how to end it.
pub(crate) trait LiveRun: Send + Sync {
    /// The same flag for as long as the run lives.
    fn stop_flag(&self) -> &Arc<StopFlag>;

    /// Where a panic's message goes; `None` if nothing is stored.
    fn panic_note(&self) -> Option<StorePath>;

    /// Waits until all that was logged before the call is in files.
    fn flush(&self, patience: Duration) -> Result<()>;

    /// Ends the run once; later calls get the same answer.
    fn end(&self, outcome: Outcome, patience: Patience) -> Result<Report>;
}

struct Enlisted {
    run: Weak<dyn LiveRun>,
    /// Apart from the run: to ask for it must not keep the run alive, whose last owner says how it
    /// ended.
    stop: Arc<StopFlag>,
    hears_signals: bool,
    /// Where a panic's message goes.
    panic_note: StorePath,
}

impl Enlisted {
    fn is_live(&self) -> bool {
        self.run.strong_count() > 0 && !self.stop.is_over()
    }
}

/// Who hears of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// No run that lives.
    Nobody,
    /// Runs whose trainings do not look for requests.
    Deaf,
    /// A training that looks for requests.
    Listening,
}

/// Enters a run that has started. With `signals`, those end it that would have ended the process;
/// if one is about to, the run is asked to stop at once.
pub(crate) fn enlist(run: &Arc<dyn LiveRun>, signals: bool) {
    let Some(panic_note) = run.panic_note() else { return };
    let mut registry = RUNS.lock();
    registry.runs.retain(Enlisted::is_live);
    let stop = Arc::clone(run.stop_flag());
    if let Some(number) = registry.ended_by.filter(|_| signals) {
        stop.ask(Stop::Now, &reason(number));
    }
    registry.runs.push(Enlisted {
        run: Arc::downgrade(run),
        stop,
        hears_signals: signals,
        panic_note,
    });
    drop(registry);
    if signals {
        signals::watch();
    }
}

/// Why a run stops that a signal stops.
pub(super) fn reason(number: i32) -> String {
    format!("stopped by {}", signal::name(number))
}

/// Who ends the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// We do, once nobody listens. Runs that start until then are asked as well.
    Us,
    /// A handler of the program's, if it wants to.
    Program,
}

/// Asks all runs to stop because of a signal.
pub(super) fn ask_all(number: i32, ends: Ends) -> Audience {
    let mut registry = RUNS.lock();
    let reason = reason(number);
    let live = |run: &&Enlisted| run.hears_signals && run.is_live();
    let mut audience = Audience::Nobody;
    for run in registry.runs.iter().filter(live) {
        run.stop.ask(Stop::Now, &reason);
        // A program may have other uses for SIGHUP than to end.
        if ends == Ends::Program && number != signal::SIGHUP {
            run.stop.take_up();
        }
        audience = match audience {
            Audience::Nobody | Audience::Deaf if !run.stop.is_heard() => Audience::Deaf,
            _ => Audience::Listening,
        };
    }
    if ends == Ends::Us {
        registry.ended_by = Some(number);
    }
    audience
}

/// The signal by which the process will end, once nobody listens any more.
pub(super) fn ended_by() -> Option<i32> {
    RUNS.lock().ended_by
}

/// Whether a run lives whose training looks for requests.
pub(super) fn somebody_listens() -> bool {
    let registry = RUNS.lock();
    registry.runs.iter().any(|run| run.hears_signals && run.stop.is_heard() && run.is_live())
}

/// Writes what waits, of every run.
pub(crate) fn flush_all(patience: Duration) {
    for run in live() {
        // What cannot be written now is told by `finish`.
        let _ = run.flush(patience);
    }
}

/// Ends every run as stopped by the signal.
pub(super) fn end_all(number: i32, patience: Duration) {
    for run in live() {
        let outcome = Outcome::Stopped(reason(number));
        if let Err(error) = run.end(outcome, Patience::AtMost(patience)) {
            notice::say(&format!("tracker: warning: {error}"));
        }
    }
}

fn live() -> Vec<Arc<dyn LiveRun>> {
    let registry = RUNS.lock();
    let live = registry.runs.iter().filter(|run| run.is_live());
    live.filter_map(|run| run.run.upgrade()).collect()
}

/// Writes a panic's message beside every run. Waits for no lock: the thread that panics may hold
/// it.
pub(super) fn note_panic(message: &str) {
    let Some(registry) = RUNS.try_lock() else { return };
    for run in registry.runs.iter().filter(|run| run.is_live()) {
        // A crash without its message is still a crash.
        let _ = run.panic_note.replace_with(message.as_bytes(), false);
    }
}

/// Takes the messages back.
pub(super) fn forget_panic() {
    for run in &RUNS.lock().runs {
        let _ = run.panic_note.remove();
    }
}
