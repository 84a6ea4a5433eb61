//! What tells a line of `edits.jsonl` or `control.jsonl` from all others, on whatever machine it was written.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, RunId, value::content_hash::hexadecimal};

/// How an id begins that was made from a line's bytes: before all letters and digits.
const MADE: char = '-';

/// How many hexadecimal digits of the hash it has.
const DIGITS: usize = 32;

/// The longest id.
const LONGEST: usize = 40;

/// The id of a line: a ULID of when it was written, or, of a line that an older tracker wrote, a hash of its bytes.
///
/// They have an order, so that two lines of one time are in the same order everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct LineId(String);

impl LineId {
    /// The id of a line that is being written.
    pub(crate) fn generate() -> Self {
        Self(RunId::generate().into())
    }

    /// The id of a line without one: the same on every machine that has the line.
    pub(crate) fn of_line(bytes: &[u8]) -> Self {
        let mut digits = hexadecimal(&Sha256::digest(bytes.trim_ascii()));
        digits.truncate(DIGITS);
        Self(format!("{MADE}{digits}"))
    }

    /// Whether it was made from a line's bytes. Such ids say nothing of an order.
    pub(crate) fn is_made(&self) -> bool {
        self.0.starts_with(MADE)
    }
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for LineId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let own = text.strip_prefix(MADE).unwrap_or(&text);
        let is_plain = own.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_plain && !own.is_empty() && text.len() <= LONGEST {
            return Ok(Self(text));
        }
        Err(Error::InvalidName {
            what: "id of a line",
            name: crate::error::excerpt(&text),
            reason: "it is no ULID and no hash".to_owned(),
            hint: "leave the id away: one is made from the line".to_owned(),
        })
    }
}

impl From<LineId> for String {
    fn from(id: LineId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_line_without_one_depends_on_its_bytes_alone_and_comes_before_all_others() {
        let made = LineId::of_line(b"{\"time\":1}");
        assert_eq!(made, LineId::of_line(b"{\"time\":1}\n"));
        assert_ne!(made, LineId::of_line(b"{\"time\":2}"));
        assert!(made.is_made() && made < LineId::generate());
        assert_eq!(LineId::try_from(made.to_string()).unwrap(), made);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "-", "a b", "../x", "\u{1b}", "ä", &"x".repeat(LONGEST + 1)] {
            assert!(LineId::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
