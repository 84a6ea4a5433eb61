//! One line of `events-<writer>.jsonl`.

use serde::{Deserialize, Serialize};

use crate::{Level, Step, Timestamp};

/// An event as it is stored, with the time at which it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// When it was recorded.
    pub time: Timestamp,
    /// What it is.
    #[serde(flatten)]
    pub kind: StoredEventKind,
}

/// What a stored event is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum StoredEventKind {
    /// A named text at a step.
    Text {
        /// The text's name.
        name: String,
        /// Where in training.
        step: Step,
        /// The text.
        text: String,
    },
    /// A line for people.
    Message {
        /// How much it matters.
        level: Level,
        /// The line.
        text: String,
    },
}
