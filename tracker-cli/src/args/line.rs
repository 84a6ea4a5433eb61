//! The command line before clap has it: what to clap would be an option, or one word too many.

use std::{convert::Infallible, ffi::OsString};

use tracker_export::Neighbour;

/// No argument can hold it, so what begins with it is marked beyond doubt.
const MARK: &str = "\0";

/// The line with a tool and its place, which are two words behind `--to`, as the one word that clap takes.
pub(super) fn with_places(line: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = line.into_iter().peekable();
    let is_place = |word: &OsString| !word.as_encoded_bytes().starts_with(b"-");
    let mut joined: Vec<OsString> = Vec::new();
    while let Some(mut word) = words.next() {
        let is_behind_to = joined.last().is_some_and(|before| before == "--to");
        let is_tool = || Neighbour::ALL.iter().any(|tool| word == tool.name());
        if is_behind_to
            && is_tool()
            && let Some(place) = words.next_if(is_place)
        {
            word.push(":");
            word.push(place);
        }
        joined.push(word);
    }
    joined
}

/// The line with the `-word` of `tracker tag` marked: to clap, it is an option or, where it may be none, swallows the
/// options after it.
pub(super) fn marked(line: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut line: Vec<OsString> = line.into_iter().collect();
    let is_option = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    let is_value = |place: usize| {
        line.get(place - 1).is_some_and(|before| before == "--dir" || before == "--store")
    };
    let command = (1..line.len())
        .find(|place| line.get(*place).is_some_and(|word| !is_option(word)) && !is_value(*place));
    let Some(command) = command.filter(|place| line.get(*place).is_some_and(|word| word == "tag"))
    else {
        return line;
    };
    for word in line.iter_mut().skip(command + 1) {
        if let [b'-', first, ..] = word.as_encoded_bytes()
            && *first != b'-'
            && word != "-h"
        {
            let mut marked = OsString::from(MARK);
            marked.push(&*word);
            *word = marked;
        }
    }
    line
}

/// A word as it was typed.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
pub(super) fn unmarked(word: &str) -> Result<String, Infallible> {
    Ok(word.strip_prefix(MARK).unwrap_or(word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_and_its_place_are_two_words_or_one() {
        let joined = |line: &[&str]| {
            let words = with_places(line.iter().map(OsString::from));
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        let wanted = ["export", "--to", "tensorboard:runs", "a", "b"];
        assert_eq!(joined(&["export", "--to", "tensorboard", "runs", "a", "b"]), wanted);
        assert_eq!(joined(&wanted), wanted);
        for line in [
            &["export", "--to", "csv", "tensorboard"][..],
            &["ls", "tensorboard", "x"],
            &["--to", "wandb"],
            &["--to", "wandb", "--dir", "x"],
        ] {
            assert_eq!(joined(line), line);
        }
    }

    #[test]
    fn tags_that_are_taken_away_are_no_options() {
        let marked = |line: &[&str]| {
            let words = marked(line.iter().map(OsString::from));
            words.iter().map(|word| word.to_string_lossy().replace(MARK, "!")).collect::<Vec<_>>()
        };
        let line =
            ["tracker", "--dir", "tag", "tag", "run", "+a", "-b", "-hot", "-h", "--json", "-"];
        let wanted =
            ["tracker", "--dir", "tag", "tag", "run", "+a", "!-b", "!-hot", "-h", "--json", "-"];
        assert_eq!(marked(&line), wanted);
        assert_eq!(marked(&["tracker", "rm", "tag", "-y"]), ["tracker", "rm", "tag", "-y"]);
        assert_eq!(marked(&["tracker"]), ["tracker"]);
    }
}
