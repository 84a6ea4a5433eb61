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
        let _ = writeln!(std::io::stderr(), "{}", without_control(text));
    });
}

/// Texts may come from data. What would steer a terminal is made visible instead.
fn without_control(text: &str) -> String {
    let clean = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.chars().map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_printed() {
        assert_eq!(without_control("a\x1b[2Jb\nc"), "a\u{fffd}[2Jb\nc");
    }
}
