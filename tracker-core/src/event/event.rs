//! All that is no scalar.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Alert, Artifact, Definition, Histogram, Media, Problem, Step, Used,
    event::flight_record::FlightRecord,
};

/// Something to keep beside the scalars.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// What a metric means. Definitions of one metric add up: what is unset keeps its value.
    Define {
        /// The metric's name.
        metric: String,
        /// What is known of it.
        definition: Definition,
    },
    /// A named text at a step: a sample, a confusion matrix, a metric that has only words.
    Text {
        /// The text's name, as a metric's.
        name: String,
        /// Where in training.
        step: Step,
        /// The text.
        text: String,
    },
    /// A line for people: what happened and how much it matters.
    Message {
        /// How much it matters.
        level: Level,
        /// The line.
        text: String,
    },
    /// Something that a person should look at.
    Alert(Alert),
    /// Something did not work. Counted by kind, told once per kind, returned by `finish`.
    Problem(Problem),
    /// How the values of a tensor are spread at a step.
    Histogram {
        /// The histogram's name, as a metric's.
        name: String,
        /// Where in training.
        step: Step,
        /// The counts.
        histogram: Histogram,
    },
    /// Pictures, tables, plots or files to look at, at a step.
    Media {
        /// Their name, as a metric's.
        name: String,
        /// Where in training.
        step: Step,
        /// The things themselves, 64 at most.
        items: Vec<Media>,
    },
    /// What the flight recorder kept of the last steps. It is stored as two tables under the name `flight`,
    /// and an [alert](crate::Alert) says who left first.
    Flight(Arc<FlightRecord>),
    /// A file that belongs to the run, such as a checkpoint, was written.
    Artifact(Artifact),
    /// A version of an artifact is gone: its file was deleted.
    ArtifactDeleted {
        /// The artifact's name.
        name: String,
        /// Which of its versions.
        version: String,
    },
    /// The run makes use of something: a data set, or a file that another run made.
    Used(Used),
    /// Facts about what is trained and with what. Facts of one topic add up: the last word on each
    /// counts, and that of the first rank before others'.
    About {
        /// What they are about, such as `model`.
        topic: String,
        /// The facts, such as `parameters`: 32810.
        facts: Map<String, Value>,
    },
    /// What to say beside the state of a run that comes to its end by itself, such as `stopped
    /// early after epoch 7 of 30`. The last one of the first rank counts;
    /// an empty one takes those before it back.
    Conclusion {
        /// The words.
        text: String,
    },
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// What is of use to who looks for a mistake, step by step.
    Trace,
    /// What is of use to who looks for a mistake.
    Debug,
    /// Good to know.
    Info,
    /// Look at it.
    Warning,
    /// Something failed.
    Error,
}
