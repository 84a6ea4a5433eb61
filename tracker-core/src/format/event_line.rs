//! One line of `events-<writer>.jsonl`.

use serde::{Deserialize, Serialize};

use crate::{Artifact, Histogram, Level, Step, Timestamp};

/// An event as it is stored, with the time at which it was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// When it was recorded.
    pub time: Timestamp,
    /// What it is.
    #[serde(flatten)]
    pub kind: StoredEventKind,
}

/// What a stored event is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
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
    /// How the values of a tensor are spread at a step.
    Histogram {
        /// The histogram's name.
        name: String,
        /// Where in training.
        step: Step,
        /// The counts.
        #[serde(flatten)]
        histogram: Histogram,
    },
    /// A version of an artifact was written.
    Artifact(Artifact),
    /// A version of an artifact is gone.
    ArtifactDeleted {
        /// The artifact's name.
        name: String,
        /// Which of its versions.
        version: String,
    },
}
