//! The few lines that tracker says by itself, on standard error.
//!
//! The only place of the crate that prints, so that lines and progress bars never mix.

use std::io::Write;

/// Says something good to know. Silent with `TRACKER_PROGRESS=off`.
pub(crate) fn info(text: &str) {
    if crate::progress::ProgressMode::from_env() != crate::progress::ProgressMode::Off {
        say(text);
    }
}

/// Says that something did not work, and the way out.
pub(crate) fn warn(text: &str, hint: &str) {
    say(&format!("tracker: warning: {text}\ntracker: hint: {hint}"));
}

/// Says a line that matters whatever the settings.
pub(crate) fn say(text: &str) {
    crate::progress::above_bars(|| {
        // Standard error may be closed; training goes on all the same.
        let _ = writeln!(std::io::stderr(), "{text}");
    });
}
