//! A place among the messages of a run.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::{Error, Writer, error::excerpt, format::layout};

/// A place among the messages of a run, which stays where it is while the run goes on. Its text, of
/// letters, digits, dots and hyphens, says how far each file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageCursor(pub(super) BTreeMap<MessageFile, u64>);

/// A file with messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MessageFile {
    pub(super) writer: Writer,
    /// Whether it has events of other kinds too.
    pub(super) is_of_events: bool,
}

impl MessageFile {
    pub(super) fn name(self) -> String {
        if self.is_of_events { layout::events(self.writer) } else { layout::messages(self.writer) }
    }
}

impl MessageCursor {
    /// How far a file was read.
    pub(super) fn of(&self, file: MessageFile) -> u64 {
        self.0.get(&file).copied().unwrap_or_default()
    }
}

impl fmt::Display for MessageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("0");
        }
        for (number, (file, place)) in self.0.iter().enumerate() {
            let (hyphen, kind) = (["", "-"][usize::from(number > 0)], ["m", "e"]);
            let kind = kind[usize::from(file.is_of_events)];
            write!(f, "{hyphen}{}.{kind}{place}", file.writer)?;
        }
        Ok(())
    }
}

impl FromStr for MessageCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "0" {
            return Ok(Self::default());
        }
        text.split('-').map(place).collect::<Option<_>>().map(Self).ok_or_else(|| {
            Error::InvalidName {
                what: "place among messages",
                name: excerpt(text),
                reason: "it says not how far each file was read".into(),
                hint: "give one that came with messages".into(),
            }
        })
    }
}

fn place(text: &str) -> Option<(MessageFile, u64)> {
    let (writer, place) = text.split_once('.')?;
    let (is_of_events, place) = match place.strip_prefix('m') {
        Some(place) => (false, place),
        None => (true, place.strip_prefix('e')?),
    };
    Some((MessageFile { writer: writer.parse().ok()?, is_of_events }, place.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nonsense_is_refused() {
        for text in ["0", "r0a1.m12", "r0a1.m12-r0a1.e0-r3a2.m18446744073709551615"] {
            assert_eq!(text.parse::<MessageCursor>().unwrap().to_string(), text);
        }
        for text in ["", "r0a1", "r0a1.12", "r0a1.m-1", "r0a1.x1", "r0a1.m1-", "../x.m1"] {
            assert!(text.parse::<MessageCursor>().is_err(), "{text}");
        }
    }
}
