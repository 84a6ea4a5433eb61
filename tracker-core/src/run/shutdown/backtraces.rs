//! Panics as messages of the runs that live: captured where they happen, and made text on another
//! thread, as names of functions are looked up for tens of milliseconds.

use std::{
    backtrace::Backtrace,
    panic::PanicHookInfo,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use serde_json::{Map, Value};

use crate::{
    Level,
    run::messages::{Hearing, Said, living, place_of},
};

/// How many backtraces are made text at a time. What panics beyond that is recorded without one.
const MOST: usize = 8;

/// The most bytes of a backtrace.
const LONGEST: usize = 64 << 10;

/// How many of them are on their way.
static WAITING: Mutex<usize> = Mutex::new(0);
static DONE: Condvar = Condvar::new();

/// Records a panic in all runs that live.
pub(super) fn record(info: &PanicHookInfo<'_>) {
    let mut hearing = living();
    let place = place_of(info.location());
    hearing.retain(|hearing| hearing.wants(Level::Error, place));
    if hearing.is_empty() {
        return;
    }
    let panic = Arc::new((hearing.into_vec(), said(info)));
    let Some(waiting) = Waiting::begin() else { return tell(&panic.0, &panic.1) };
    let backtrace = Backtrace::force_capture();
    let with_backtrace = {
        let panic = Arc::clone(&panic);
        move || {
            let (hearing, mut said) = (&panic.0, panic.1.clone());
            said.fields.insert("backtrace".to_owned(), text(&backtrace).into());
            tell(hearing, &said);
            drop(waiting);
        }
    };
    let spawned = thread::Builder::new().name("tracker-panic".into()).spawn(with_backtrace);
    if spawned.is_err() {
        tell(&panic.0, &panic.1);
    }
}

fn text(backtrace: &Backtrace) -> String {
    let mut text = backtrace.to_string();
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

/// Waits until all that panicked is recorded, for so long at most.
pub(crate) fn wait(patience: Duration) {
    let end = Instant::now() + patience;
    let mut waiting = WAITING.lock();
    while *waiting > 0 {
        if DONE.wait_until(&mut waiting, end).timed_out() {
            return;
        }
    }
}

fn tell(hearing: &[Hearing], said: &Said) {
    for hearing in hearing {
        hearing.hear(said);
    }
}

fn said(info: &PanicHookInfo<'_>) -> Said {
    let words = info.payload_as_str().unwrap_or("a panic without a message");
    let mut fields = Map::new();
    let name = thread::current().name().unwrap_or("without a name").to_owned();
    fields.insert("thread".to_owned(), Value::String(name));
    if let Some(place) = info.location() {
        fields.insert("place".to_owned(), Value::String(place.to_string()));
    }
    let (target, text) = (String::new(), words.to_owned());
    Said { level: Level::Error, source: "panic", target, text, fields }
}

/// A backtrace on its way.
struct Waiting(());

impl Waiting {
    fn begin() -> Option<Self> {
        let mut waiting = WAITING.lock();
        if *waiting == MOST {
            return None;
        }
        *waiting += 1;
        Some(Self(()))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        *WAITING.lock() -= 1;
        DONE.notify_all();
    }
}
