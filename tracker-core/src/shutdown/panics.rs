//! How runs end when nobody calls `finish`: panics and signals.

use std::{
    fs, panic,
    sync::{
        Arc, Once, Weak,
        atomic::{AtomicI32, Ordering},
    },
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
    low_level::{emulate_default_handler, signal_name},
};

use crate::{
    Outcome, Report, Run, notice,
    run::RunInner,
    store::{Patience, release_in_children},
};

/// How long a run that nobody stops gets to save itself after a signal.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The runs that a signal ends.
static ENLISTED: Mutex<Vec<Weak<RunInner>>> = Mutex::new(Vec::new());

/// The signal that an adapter has been asked to end for; 0 for none.
static PENDING: AtomicI32 = AtomicI32::new(0);

/// The message of the latest panic that had words of its own.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Keeps the message of a panic, for the run that it will end. Hooks set before go on working.
pub(crate) fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(|place| format!(" at {place}")).unwrap_or_default();
            let words = info.payload_as_str().unwrap_or("a panic without a message");
            keep_panic(format!("panicked{place}: {words}"));
            earlier(info);
        }));
    });
}

/// Keeps the latest message, except for panics that only pass on another thread's: those carry
/// no words of their own.
fn keep_panic(message: String) {
    let passes_on = message.contains("Any { .. }");
    let mut kept = PANIC.lock();
    if kept.is_none() || !passes_on {
        *kept = Some(message);
    }
}

/// What the panic said that is unwinding this thread.
pub(crate) fn panic_message() -> String {
    PANIC.lock().clone().unwrap_or_else(|| "panicked".to_owned())
}

/// Lets signals end the run, if they should and would have ended the process.
pub(crate) fn enlist(run: &Run, signals: bool) {
    static ONCE: Once = Once::new();
    if !signals {
        return;
    }
    ONCE.call_once(watch_signals);
    let mut enlisted = ENLISTED.lock();
    enlisted.retain(|run| run.strong_count() > 0);
    enlisted.push(Arc::downgrade(&run.inner));
}

fn watch_signals() {
    let ours: Vec<i32> =
        [SIGINT, SIGTERM].into_iter().filter(|signal| is_default(*signal)).collect();
    // The thread sets the handlers: without it, they would swallow the signals.
    let spawned = thread::Builder::new().name("tracker-signals".into()).spawn(move || {
        let Ok(mut signals) = Signals::new(&ours) else { return };
        ours.iter().copied().for_each(release_in_children);
        for signal in signals.forever() {
            on_signal(signal);
        }
    });
    // Without the thread, signals end the process as they would without tracker.
    drop(spawned);
}

/// Whether a signal has neither a handler nor is ignored, from the masks in
/// `/proc/self/status`, see `proc_pid_status(5)`. Where there is no such file, it is taken to.
#[expect(clippy::disallowed_methods, reason = "the kernel's own file")]
fn is_default(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_set = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.unwrap_or(0) >> (signal - 1) & 1 == 1
    };
    !is_set("SigCgt:") && !is_set("SigIgn:")
}

fn live_runs() -> Vec<Arc<RunInner>> {
    let enlisted = ENLISTED.lock();
    enlisted.iter().filter_map(Weak::upgrade).filter(|run| !run.is_over()).collect()
}

fn on_signal(signal: i32) {
    let runs = live_runs();
    if runs.is_empty() || PENDING.swap(signal, Ordering::AcqRel) != 0 {
        die_of(signal);
        return;
    }
    let reason = format!("stopped by {}", signal_name(signal).unwrap_or("a signal"));
    let listening: Vec<bool> = runs.iter().map(|run| run.ask_to_stop(&reason)).collect();
    if listening.contains(&true) {
        notice::say("tracker: stopping within a batch; the same signal again quits at once");
        return;
    }
    for run in runs {
        if let Err(error) = run.end(Outcome::Stopped(reason.clone()), Patience::AtMost(LAST_WORDS))
        {
            notice::say(&format!("tracker: warning: {error}"));
        }
    }
    die_of(signal);
}

/// After the last run has ended that a signal asked to stop: ends the process by that signal, so
/// that a shell or a supervisor sees what it expects. Says the report first, since the program
/// will not get to it.
pub(crate) fn die_of_pending_signal(report: Option<&Report>) {
    let signal = PENDING.load(Ordering::Acquire);
    if signal == 0 || !live_runs().is_empty() {
        return;
    }
    if let Some(report) = report {
        notice::say(&report.to_string());
    }
    die_of(signal);
}

fn die_of(signal: i32) {
    // Only fails for signals that are none.
    let _ = emulate_default_handler(signal);
}
