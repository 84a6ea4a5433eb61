//! The thread that signals are told to, and what it does.

use std::{
    env,
    sync::{
        Once,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::registry::{self, Audience, Ends};
use crate::{
    console::notice,
    platform::{
        at_exit,
        signal::{self, Note, Notes, SIGHUP, SIGINT, SIGTERM},
    },
    run::output,
};

/// How long a run that nobody stops gets to save itself.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long the process gets to end by itself once the last training that listens has ended.
const GRACE: Duration = Duration::from_secs(30);

/// How often to look whether somebody still listens.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long an exit waits for the thread, beyond the last words of one run.
const EXIT_LOOKS: u32 = 300;
const EXIT_PAUSE: Duration = Duration::from_millis(10);

/// The last signal of which runs were told; 0 for none.
static TOLD: AtomicI32 = AtomicI32::new(0);

/// Whether all runs are saved that an exit would have cut off.
static SAVED: AtomicBool = AtomicBool::new(false);

/// Takes signals, once a process.
pub(super) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The thread sets the handlers: without it, they would swallow the signals.
        let spawned = thread::Builder::new().name("tracker-signals".into()).spawn(|| {
            let Ok(notes) = Notes::of_signals(&[SIGINT, SIGTERM, SIGHUP]) else { return };
            at_exit(on_exit);
            Watch::default().run(notes);
        });
        // Without the thread, signals end the process as they would without tracker.
        drop(spawned);
    });
}

/// What the thread remembers.
#[derive(Debug, Default)]
struct Watch {
    /// Since when nobody listens, in a process that is to end.
    unheard_since: Option<Instant>,
}

impl Watch {
    fn run(mut self, mut notes: Notes) {
        loop {
            let ends = registry::ended_by().is_some();
            match notes.next(ends.then_some(LOOK_EVERY)) {
                Some(Note::Signal(number)) => on_signal(number),
                Some(Note::Exit) => {
                    registry::end_all(TOLD.load(Ordering::Acquire), LAST_WORDS);
                    SAVED.store(true, Ordering::Release);
                }
                None => {}
            }
            self.end_what_nobody_ends();
        }
    }

    /// Ends a process that was to end and trains on, or does something else for too long.
    fn end_what_nobody_ends(&mut self) {
        let Some(number) = registry::ended_by() else { return };
        if registry::somebody_listens() {
            self.unheard_since = None;
            return;
        }
        let grace = grace();
        if self.unheard_since.get_or_insert_with(Instant::now).elapsed() >= grace {
            registry::end_all(number, LAST_WORDS);
            notice::warn(
                &format!(
                    "the program went on for {} s after its run had stopped, and is ended by {}",
                    grace.as_secs(),
                    signal::name(number)
                ),
                "set TRACKER_GRACE to more seconds if what comes after `finish` takes longer",
            );
            die_by(number);
        }
    }
}

/// Ends the process by a signal, once all that it wrote is where it was meant to go.
fn die_by(number: i32) -> ! {
    output::give_back();
    signal::quit_by(number)
}

fn grace() -> Duration {
    let seconds = env::var("TRACKER_GRACE").ok().and_then(|text| text.parse().ok());
    seconds.map_or(GRACE, Duration::from_secs)
}

fn on_signal(number: i32) {
    TOLD.store(number, Ordering::Release);
    if !signal::is_ours_alone(number) {
        registry::ask_all(number, Ends::Program);
        registry::flush_all(LAST_WORDS);
        return;
    }
    if registry::ended_by().is_some() {
        // A terminal that closes is told by everybody who notices.
        if number != SIGHUP {
            die_by(number);
        }
        return;
    }
    match registry::ask_all(number, Ends::Us) {
        Audience::Listening => {
            notice::say("tracker: stopping within a batch; the same signal again quits at once");
        }
        Audience::Deaf => {
            registry::end_all(number, LAST_WORDS);
            die_by(number);
        }
        Audience::Nobody => die_by(number),
    }
}

/// Saves what an exit would cut off of runs that a signal was to stop, and lets the process die by
/// the signal if nobody but us heard it. Only waits for the thread: this one's own values are gone.
extern "C" fn on_exit() {
    if TOLD.load(Ordering::Acquire) == 0 || !signal::is_watching_process() {
        return;
    }
    signal::note_exit();
    for _ in 0..EXIT_LOOKS {
        if SAVED.load(Ordering::Acquire) {
            break;
        }
        thread::sleep(EXIT_PAUSE);
    }
    if let Some(number) = registry::ended_by() {
        die_by(number);
    }
}
