//! The few lines that tracker says by itself, on standard error.
//!
//! The only place of the crate that prints, so that lines and progress bars never mix.

use std::io::Write;

use parking_lot::Mutex;

use crate::{Alert, value::words::seen};

/// Keeps the lines that tracker says by itself until it is dropped, and says them then.
///
/// For an adapter whose framework draws on the whole terminal: a line in between would spoil the
/// picture, and be gone with it. Where there are several, the last one to be dropped says all
/// lines. The last words of a run that a signal ends do not wait.
#[derive(Debug)]
#[must_use = "lines are kept as long as it lives"]
pub struct HeldNotices(());

/// What waits to be said.
struct Held {
    holders: usize,
    lines: Vec<String>,
}

static HELD: Mutex<Held> = Mutex::new(Held { holders: 0, lines: Vec::new() });

impl HeldNotices {
    /// Keeps lines from now on.
    pub fn hold() -> Self {
        HELD.lock().holders += 1;
        Self(())
    }
}

impl Drop for HeldNotices {
    fn drop(&mut self) {
        let mut held = HELD.lock();
        held.holders -= 1;
        if held.holders > 0 {
            return;
        }
        let lines = std::mem::take(&mut held.lines);
        drop(held);
        for line in lines {
            say(&line);
        }
    }
}

/// Says something good to know. Silent with `TRACKER_PROGRESS=off`.
pub(crate) fn info(text: &str) {
    if crate::console::progress::ProgressMode::from_env()
        != crate::console::progress::ProgressMode::Off
    {
        tell(text.to_owned());
    }
}

/// Says that something did not work, and the way out.
pub(crate) fn warn(text: &str, hint: &str) {
    tell(format!("tracker: warning: {text}\ntracker: hint: {hint}"));
}

/// Says what somebody should look at.
pub(crate) fn alert(alert: &Alert) {
    let hint = alert.hint.as_ref().map(|hint| format!("\ntracker: hint: {hint}"));
    tell(format!("tracker: alert: {}{}", alert.text, hint.unwrap_or_default()));
}

/// Says a line as soon as nobody [holds](HeldNotices) it.
pub(crate) fn tell(text: String) {
    let mut held = HELD.lock();
    if held.holders > 0 {
        held.lines.push(text);
        return;
    }
    drop(held);
    say(&text);
}

/// Says a line that matters whatever the settings.
pub(crate) fn say(text: &str) {
    crate::console::progress::suspend(|| {
        // Texts may come from data. Standard error may be closed; training goes on all the same.
        let _ = writeln!(std::io::stderr(), "{}", seen(text));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_wait_for_the_last_of_their_holders() {
        let waits = || HELD.lock().lines.iter().any(|line| line == "this line waits");
        let (first, second) = (HeldNotices::hold(), HeldNotices::hold());
        tell("this line waits".to_owned());
        drop(second);
        assert!(waits());
        drop(first);
        assert!(!waits());
    }
}
