//! Values, times and numbers of things as people read them, and what words may hold that a terminal
//! gets.

use std::{borrow::Cow, time::Duration};

use crate::Definition;

pub use crate::value::number::to_json as number_to_json;

/// Whether a character is none that people see, but one that steers a terminal, turns the direction
/// of writing, ends a line for some programs, or lets two names look the same. Texts of a store may
/// come from anybody: take such characters out before a terminal gets them.
///
/// ```
/// use tracker_core::text::is_unseen;
///
/// let name = "calm\u{1b}]0;otter\u{7}\u{202e}";
/// assert_eq!(name.replace(is_unseen, ""), "calm]0;otter");
/// ```
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// A text whose unseen characters but line ends are made visible.
pub(crate) fn seen(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| is_unseen(c) && c != '\n';
    if text.contains(is_hidden) { text.replace(is_hidden, "\u{fffd}").into() } else { text.into() }
}

/// A name in lower snake case, as metrics are called: `Top-K Accuracy` becomes `top_k_accuracy`. A capital begins a word only
/// after a small letter or a digit, so that `FBetaScore` becomes `fbeta_score` and `AUROC` stays one word. What is no letter
/// and no digit stands between words; a text without any of them becomes empty.
///
/// `burn-callback` names Burn's metrics by it, and so does an import of the folders that Burn's own trainings leave: a run has
/// the same names either way.
///
/// ```
/// use tracker_core::text::snake_word;
///
/// assert_eq!(snake_word("FBetaScore (2) @ Threshold(0.5)"), "fbeta_score_2_threshold_0_5");
/// ```
pub fn snake_word(text: &str) -> String {
    let mut name = String::with_capacity(text.len() + 4);
    let mut before = '_';
    for letter in text.chars() {
        let word_begins = letter.is_uppercase() && (before.is_lowercase() || before.is_numeric());
        if (word_begins || !letter.is_alphanumeric()) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if letter.is_alphanumeric() {
            name.extend(letter.to_lowercase());
        }
        before = letter;
    }
    name.truncate(name.trim_end_matches('_').len());
    name
}

/// A number of things: `1 point`, `2 points`.
pub fn plural(count: u64, thing: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{ending}")
}

/// As [`plural`], with a verb behind, of one thing and of several: `1 point was`, `2 points were`.
pub(crate) fn plural_with(count: u64, thing: &str, [one, several]: [&str; 2]) -> String {
    format!("{} {}", plural(count, thing), if count == 1 { one } else { several })
}

/// A value as people read it: at least four significant digits, whole numbers whole, fractions with
/// the unit `%` as percent, bytes in kB, MB and so on, and the unit behind.
///
/// ```
/// use tracker_core::{Definition, text::shown_value};
///
/// assert_eq!(shown_value(0.97219, &Definition::new().unit("%")), "97.22 %");
/// assert_eq!(shown_value(0.0123456, &Definition::new().unit("s")), "0.01235 s");
/// assert_eq!(shown_value(0.000123456, &Definition::new()), "1.2346e-4");
/// ```
pub fn shown_value(value: f64, definition: &Definition) -> String {
    match definition.unit.as_deref() {
        Some("%") if value.is_finite() => format!("{} %", shown_percent(value * 100.0)),
        Some(unit @ ("B" | "B/s")) if value.abs() >= 1e3 && value.is_finite() => {
            let (size, prefix) = thousands(value);
            format!("{} {prefix}{unit}", shown_number(size))
        }
        Some(unit) if !unit.is_empty() => format!("{} {unit}", shown_number(value)),
        _ => shown_number(value),
    }
}

/// Bytes in the greatest unit of which there is one.
fn thousands(bytes: f64) -> (f64, &'static str) {
    const PREFIXES: [(f64, &str); 5] =
        [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let fits = PREFIXES.into_iter().find(|(size, _)| bytes.abs() >= *size);
    fits.map_or((bytes, ""), |(size, prefix)| (bytes / size, prefix))
}

/// Two decimals, and for what is less than they show, or too great to be read, the digits of any other
/// number.
fn shown_percent(percent: f64) -> String {
    if percent == 0.0 || (0.1..1e7).contains(&percent.abs()) {
        format!("{percent:.2}")
    } else {
        shown_number(percent)
    }
}

fn shown_number(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "∞" } else { "-∞" }.to_owned()
    } else if size != 0.0 && !(1e-3..1e7).contains(&size) {
        format!("{value:.4e}")
    } else if value.fract() == 0.0 {
        format!("{value:.0}")
    } else if size >= 100.0 {
        format!("{value:.2}")
    } else if size >= 0.1 {
        format!("{value:.4}")
    } else if size >= 0.01 {
        format!("{value:.5}")
    } else {
        format!("{value:.6}")
    }
}

/// A duration as people read it: `0.8 s`, `42 s`, `3 m 05 s`, `2 h 07 m`.
pub fn shown_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page of `tracker ui` shows values by the same file.
    const SHOWN: &str = include_str!("../../tests/data/shown_values.json");

    #[derive(serde::Deserialize)]
    struct Shown(#[serde(with = "crate::value::number")] f64, Option<String>, String);

    #[test]
    fn values_are_shown_as_the_page_shows_them() {
        for Shown(value, unit, shown) in serde_json::from_str::<Vec<Shown>>(SHOWN).unwrap() {
            let definition = Definition { unit, ..Definition::new() };
            assert_eq!(shown_value(value, &definition), shown, "{value:?}");
        }
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_told() {
        assert_eq!(seen("a\x1b[2Jb\nc\u{202e}"), "a\u{fffd}[2Jb\nc\u{fffd}");
    }

    #[test]
    fn one_thing_is_no_things() {
        let told = [0, 1, 2].map(|count| plural(count, "point"));
        assert_eq!(told, ["0 points", "1 point", "2 points"]);
        let told = [1, 2].map(|count| plural_with(count, "point", ["was", "were"]));
        assert_eq!(told, ["1 point was", "2 points were"]);
    }
}
