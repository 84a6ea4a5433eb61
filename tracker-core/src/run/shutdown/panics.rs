//! What a panic said, for the run that it ends.

use std::{
    panic,
    sync::{
        Once,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;

use super::{backtraces, registry};
use crate::{Timestamp, caught, platform, run::output};

/// A process that lives on for so long has outlived its panic: it is not what will end it.
const OUTLIVED_AFTER: Duration = Duration::from_secs(10);

/// The message of the latest panic that had words of its own.
static MESSAGE: Mutex<Option<String>> = Mutex::new(None);

/// When the message was written beside the runs, in microseconds; 0 where none is.
static NOTED: AtomicI64 = AtomicI64::new(0);

/// Keeps the message of a panic, for the run that it will end. Hooks set before go on working.
pub(crate) fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if caught::is_caught() {
                return;
            }
            let place = info.location().map(|place| format!(" at {place}")).unwrap_or_default();
            let words = info.payload_as_str().unwrap_or("a panic without a message");
            keep(format!("panicked{place}: {words}"));
            backtraces::record(info);
            earlier(info);
            output::settle_after_panic();
        }));
    });
}

/// What panics say that only pass on another thread's, and have no words of their own: of threads that were waited for, and
/// of channels whose other end went with its thread.
const PASSED_ON: [&str; 3] = ["Any { .. }", "SendError", "RecvError"];

/// Keeps the latest message, except for panics that only pass on another thread's. Writes it down at once: whoever is
/// called next may abort.
fn keep(message: String) {
    if platform::is_forked_child() {
        return;
    }
    let passes_on = PASSED_ON.iter().any(|words| message.contains(words));
    let mut kept = MESSAGE.lock();
    if kept.is_none() || !passes_on {
        NOTED.store(Timestamp::now().as_micros(), Ordering::Release);
        registry::note_panic(&message);
        *kept = Some(message);
    }
}

/// What the panic said that is unwinding this thread.
pub(crate) fn panic_message() -> String {
    MESSAGE.lock().clone().unwrap_or_else(|| "panicked".to_owned())
}

/// Takes back the message of a panic that somebody has caught, so that a later crash is not
/// explained by it. Costs a load of one number where there was none.
pub(crate) fn forget_outlived_panic() {
    let noted = NOTED.load(Ordering::Acquire);
    if noted == 0 {
        return;
    }
    let age = Timestamp::now().as_micros().abs_diff(noted);
    if u128::from(age) >= OUTLIVED_AFTER.as_micros() {
        registry::forget_panic();
        let _ = NOTED.compare_exchange(noted, 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}
