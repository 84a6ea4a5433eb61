//! What was said, before it is known which runs hear it.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use crate::{Level, Step, Timestamp, format::message_line::StoredMessage};

/// The most bytes of a text.
const LONGEST_TEXT: usize = 64 << 10;

/// The most bytes of a text in a field …
#[cfg(feature = "tracing")]
const LONGEST_FIELD: usize = 16 << 10;

/// … and the most fields.
#[cfg(feature = "tracing")]
const MOST_FIELDS: usize = 64;

/// A message as all runs keep it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) level: Level,
    pub(crate) source: &'static str,
    pub(crate) target: String,
    pub(crate) text: String,
    pub(crate) fields: Map<String, Value>,
}

impl Said {
    pub(crate) fn stored(&self, time: Timestamp, step: Option<Step>) -> StoredMessage {
        let Self { level, source, target, text, fields } = self.clone();
        let (source, text) = (source.to_owned(), cut(text));
        StoredMessage { time, step, level, source, target, text, fields }
    }
}

/// A number that stands for a place in the program.
pub(crate) fn place_of(place: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    hasher.finish()
}

/// A text as long as it may be.
pub(crate) fn cut(text: String) -> String {
    cut_behind(text, LONGEST_TEXT)
}

fn cut_behind(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        text.truncate(text.floor_char_boundary(longest));
        text.push('…');
    }
    text
}

/// Adds a field, as long as there are not too many.
#[cfg(feature = "tracing")]
pub(super) fn add_field(fields: &mut Map<String, Value>, name: String, value: Value) {
    let value = match value {
        Value::String(text) => Value::String(cut_behind(text, LONGEST_FIELD)),
        other => other,
    };
    if fields.len() < MOST_FIELDS || fields.contains_key(&name) {
        fields.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_two_characters() {
        assert_eq!(cut_behind("öö".into(), 3), "ö…");
        assert_eq!(cut_behind("öö".into(), 4), "öö");
    }
}
