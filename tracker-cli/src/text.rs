//! Texts as a terminal may show them.

use ratatui::text::Span;
use tracker_core::{Timestamp, shown_duration};

/// The text on one line, without ANSI sequences, control characters and marks that turn the
/// direction of writing, so that a name cannot change what the terminal shows around it.
pub(crate) fn clean(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let shown = plain.chars().filter_map(|c| match c {
        '\n' | '\t' => Some(' '),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            None
        }
        c if c.is_control() => None,
        c => Some(c),
    });
    shown.collect()
}

/// As [`clean`], with the text's own lines.
pub(crate) fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// A line of code as a terminal may show it, with its indentation.
pub(crate) fn code_line(line: &str) -> String {
    clean(&line.replace('\t', "    "))
}

/// A line of a patch in the colour of its sign, where the terminal shows styles.
pub(crate) fn paint_line(line: &str) -> String {
    let color = match line.as_bytes() {
        [b'+', ..] => 32,
        [b'-', ..] => 31,
        [b'@', ..] => 36,
        _ => return code_line(line),
    };
    format!("\x1b[{color}m{}\x1b[0m", code_line(line))
}

/// The columns that a text fills in a terminal.
pub(crate) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// The beginning of a text that fills at most `columns`, with `…` where something is left out.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept) >= columns {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

/// How long ago a moment was: `12 s ago`, `3 m ago`, `2 h ago`, `5 d ago`.
pub(crate) fn ago(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_micros().saturating_sub(time.as_micros()) / 1_000_000;
    match seconds {
        ..1 => "just now".to_owned(),
        1..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} m ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// A moment to the second: `2026-07-23 14:05:06 UTC`.
pub(crate) fn date(time: Timestamp) -> String {
    let text = time.to_string();
    match text.get(..19) {
        Some(seconds) if text.ends_with('Z') => format!("{} UTC", seconds.replace('T', " ")),
        _ => text,
    }
}

/// The time from `start` to `end` as people read it.
pub(crate) fn duration(start: Timestamp, end: Timestamp) -> String {
    let micros = end.as_micros().saturating_sub(start.as_micros());
    shown_duration(std::time::Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

/// What is said of a list of which only the first are shown.
pub(crate) fn more(all: usize, shown: usize, hint: &str) -> Option<String> {
    let more = all.checked_sub(shown).filter(|more| *more > 0)?;
    Some(format!("… and {more} more: {hint}"))
}

/// A number of things: `1 run`, `2 runs`.
pub(crate) fn plural(count: u64, thing: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{ending}")
}

/// A number of bytes as people read it: `512 B`, `4.2 KiB`, `1.5 GiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if value < 1023.95 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// A text in bold, where the terminal shows styles.
pub(crate) fn bold(text: &str) -> String {
    format!("\x1b[1m{text}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_control_characters_are_taken_out() {
        assert_eq!(clean("\x1b[31mred\x1b[0m\x07\r\u{202e}x\ny\u{9b}"), "redx y");
        assert_eq!(clean_lines("a\x1b]0;title\x07\nb"), "a\nb");
    }

    #[test]
    fn a_shortened_text_fills_no_more_than_its_columns() {
        assert_eq!(shorten("calm-otter", 10), "calm-otter");
        assert_eq!(shorten("calm-otter", 6), "calm-…");
        assert_eq!(shorten("日本語", 5), "日本…");
        assert_eq!(shorten("日本語", 4), "日…");
    }

    #[test]
    fn ages_have_one_unit() {
        let ago = |seconds: i64| super::ago(Timestamp(0), Timestamp(seconds * 1_000_000));
        let ages = [-5, 0, 59, 60, 3599, 7200, 90_000].map(ago);
        let shown = ["just now", "just now", "59 s ago", "1 m ago", "59 m ago", "2 h ago"];
        assert_eq!(ages[..6], shown);
        assert_eq!(ages[6], "1 d ago");
    }

    #[test]
    fn sizes_have_one_unit() {
        let sizes = [0, 1_023, 1_024, 1_048_575, 4_404_020].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "4.2 MiB"]);
        assert_eq!((plural(1, "run"), plural(2, "run")), ("1 run".into(), "2 runs".into()));
    }

    #[test]
    fn dates_end_at_the_second() {
        assert_eq!(date(Timestamp(1_700_000_000_123_456)), "2023-11-14 22:13:20 UTC");
    }
}
