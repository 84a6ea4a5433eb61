//! One line of `messages-<writer>.jsonl`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Level, Step, Timestamp};

/// What the program said, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredMessage {
    /// When it was said.
    pub time: Timestamp,
    /// Where the training stood, if an adapter has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// How much it matters.
    pub level: Level,
    /// By what way it came: `log`, `tracing`, `panic`; `output` for a line that the process wrote, with
    /// `stdout`, `stderr` or `stdout and stderr` as its target; `run` for what was recorded as
    /// [`Event::Message`](crate::Event::Message), and what tracker says of itself.
    pub source: String,
    /// Who said it, as the logging crates have it: the path of a module, mostly. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// The line; several, if there are ends of lines in it.
    pub text: String,
    /// What was given beside the text, such as the fields of an event and of the spans around it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
}

impl StoredMessage {
    /// The `source` of what stands among a run's events.
    pub(crate) const RUN: &'static str = "run";

    /// A message of a run's events.
    pub(crate) fn of_event(time: Timestamp, level: Level, text: String) -> Self {
        let (source, target) = (Self::RUN.to_owned(), String::new());
        Self { time, step: None, level, source, target, text, fields: Map::new() }
    }
}
