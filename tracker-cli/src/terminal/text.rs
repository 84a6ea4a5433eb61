//! Texts as a terminal may show them.

use ratatui::text::Span;
use tracker_core::{
    Timestamp,
    read::Elapsed,
    text::{is_unseen, plural, shown_duration},
};

/// The longest text that is shown in one place; `--json` has all of a longer one.
const LONGEST: usize = 2_000;

/// The text, or its beginning and how much more there is: where lines are broken, what has no end
/// would take for ever.
pub(crate) fn bounded(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => {
            let more = text[end..].chars().count() as u64;
            format!("{}… and {}", &text[..end], plural(more, "more character"))
        }
    }
}

/// The text on one line, without ANSI sequences and characters that nobody sees, so that a name
/// cannot change what the terminal shows around it.
pub(crate) fn clean(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let shown = plain.chars().filter_map(|c| match c {
        '\n' | '\t' => Some(' '),
        c if is_unseen(c) => None,
        c => Some(c),
    });
    shown.collect()
}

/// A page as a terminal may show it, whoever forgot to clean what stands in it: of all that is not
/// seen, it keeps line ends and the sequences for styles.
pub(crate) fn harmless(page: &str) -> String {
    let mut shown = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(c) = rest.chars().next() {
        let style = style_length(rest);
        if style > 0 || c == '\n' || !is_unseen(c) {
            let (kept, after) = rest.split_at(style.max(c.len_utf8()));
            shown.push_str(kept);
            rest = after;
        } else {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    shown
}

/// The length of the sequence for styles that a text begins with, such as `ESC[1;36m`; else 0.
fn style_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\x1b[") else { return 0 };
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';');
    match end {
        Some(end) if parameters[end..].starts_with('m') => "\x1b[m".len() + end,
        _ => 0,
    }
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

/// How long a run trained, and of how much time, if it paused: `12 m 05 s of 3 h 20 m`.
pub(crate) fn trained_of_passed(elapsed: Elapsed) -> String {
    let [trained, passed] = [elapsed.trained, elapsed.passed].map(shown_duration);
    if trained == passed { passed } else { format!("{trained} of {passed}") }
}

/// What is said of a list of which only the first are shown.
pub(crate) fn more(all: usize, shown: usize, hint: &str) -> Option<String> {
    let more = all.checked_sub(shown).filter(|more| *more > 0)?;
    Some(format!("… and {more} more: {hint}"))
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
    fn a_text_without_end_is_shown_in_short() {
        let shown = bounded("ü".repeat(1_000_000));
        assert_eq!(shown.chars().filter(|c| *c == 'ü').count(), LONGEST);
        assert!(shown.ends_with("… and 998000 more characters"));
        assert_eq!(bounded("short".to_owned()), "short");
    }

    #[test]
    fn sequences_and_control_characters_are_taken_out() {
        assert_eq!(clean("\x1b[31mred\x1b[0m\x07\r\u{202e}x\ny\u{9b}"), "redx y");
        assert_eq!(clean_lines("a\x1b]0;title\x07\nb"), "a\nb");
    }

    #[test]
    fn a_page_keeps_its_styles_and_lines_and_nothing_else_that_is_unseen() {
        let page =
            "\x1b[1mbold\x1b[0m\n\x1b[2J\x1b]0;t\x07\u{9b}31m\x1b[1;36mA\u{202e}\x1b[0m\x1b[";
        let shown = "\x1b[1mbold\x1b[0m\n[2J]0;t31m\x1b[1;36mA\x1b[0m[";
        assert_eq!(harmless(page), shown);
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
