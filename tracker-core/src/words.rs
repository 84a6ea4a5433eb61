//! Words for numbers of things, and what words may hold that a terminal gets.

use std::borrow::Cow;

/// Whether a character is none that people see, but one that steers a terminal, turns the direction
/// of writing, ends a line for some programs, or lets two names look the same. Texts of a store may
/// come from anybody: take such characters out before a terminal gets them.
///
/// ```
/// use tracker_core::is_unseen;
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

/// A number of things: `1 point`, `2 points`.
pub(crate) fn plural(count: u64, thing: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{ending}")
}

/// As [`plural`], with a verb behind, of one thing and of several: `1 point was`, `2 points were`.
pub(crate) fn plural_with(count: u64, thing: &str, [one, several]: [&str; 2]) -> String {
    format!("{} {}", plural(count, thing), if count == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

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
