//! All that is no scalar: definitions, texts, messages and problems.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Artifact, Histogram, Step, Writer, settings::Unkept, words::plural_with};

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
    /// A file that belongs to the run, such as a checkpoint, was written.
    Artifact(Artifact),
    /// A version of an artifact is gone: its file was deleted.
    ArtifactDeleted {
        /// The artifact's name.
        name: String,
        /// Which of its versions.
        version: String,
    },
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

/// What is known of a metric beside its values.
///
/// ```
/// use tracker_core::Definition;
///
/// let accuracy = Definition::new().unit("%").higher_is_better();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Definition {
    /// The unit to show, such as `s` or `%`. With `%` the values are fractions: 0.97 is 97 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Which values are better; without it a summary has no `best`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The name that the framework shows to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether tables and charts leave the metric out: it is for programs. Exports have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

impl Definition {
    /// A definition that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the unit to show.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Greater values are better, as for an accuracy.
    #[must_use]
    pub fn higher_is_better(mut self) -> Self {
        self.direction = Some(Direction::Higher);
        self
    }

    /// Smaller values are better, as for a loss.
    #[must_use]
    pub fn lower_is_better(mut self) -> Self {
        self.direction = Some(Direction::Lower);
        self
    }

    /// Sets the name that people read.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Leaves the metric out of tables and charts.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Takes over what `newer` sets. Says whether that changed anything.
    pub(crate) fn merge(&mut self, newer: Self) -> bool {
        let before = self.clone();
        self.unit = newer.unit.or(self.unit.take());
        self.direction = newer.direction.or(self.direction);
        self.display_name = newer.display_name.or(self.display_name.take());
        self.hidden |= newer.hidden;
        *self != before
    }
}

/// Which values of a metric are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Direction {
    /// Greater is better.
    Higher,
    /// Smaller is better.
    Lower,
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// Good to know.
    Info,
    /// Look at it.
    Warning,
    /// Something failed.
    Error,
}

/// Something that did not work, how often, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A short fixed name by which problems are counted, such as `loss-not-scalar`.
    pub kind: String,
    /// What happened the first time, with the step or the name.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// How often it happened.
    pub count: u64,
}

impl Problem {
    /// A problem that happened once.
    pub fn new(
        kind: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { kind: kind.into(), message: message.into(), hint: hint.into(), count: 1 }
    }
}

/// The problems that every tracker may meet.
impl Problem {
    /// A metric name that could not be kept as it was given.
    pub fn repaired_name(kept: &str) -> Self {
        Self::new(
            "repaired-metric-name",
            format!("a metric name was not valid and is kept as `{}`", crate::error::excerpt(kept)),
            "use names of 1 to 512 bytes without control characters",
        )
    }

    /// A point whose [`MetricId`](crate::MetricId) another tracker gave.
    pub fn foreign_metric() -> Self {
        Self::new(
            "foreign-metric",
            "a point was dropped: its metric belongs to another tracker",
            "write a point to the tracker whose `metric` gave its id",
        )
    }

    /// A point or event that was logged after `finish`.
    pub fn after_finish() -> Self {
        Self::new(
            "logged-after-finish",
            "what was logged after `finish` was dropped",
            "call `finish` once, after all logging",
        )
    }

    /// A process that finds its rank in the hands of another one that lives.
    pub(crate) fn claimed_rank(rival: Writer) -> Self {
        Self::new(
            "rank-claimed-twice",
            format!("another process logs to this run as rank {} ({rival})", rival.rank),
            "both are kept; set TRACKER_RANK to a number of its own in each process, and \
             TRACKER_RUN_ID to another id for another run",
        )
    }

    /// What a forked child logged to its parent's run.
    pub(crate) fn forked_child(count: u64) -> Self {
        let message = format!("{count} points and events of a forked child process were dropped");
        Self { count, ..Self::new("logged-in-forked-child", message, Self::FORKED_HINT) }
    }

    /// What to do in place of logging in a forked child.
    pub(crate) const FORKED_HINT: &str = "log and finish in the process that started the run, or \
                                          start the child as a program of its own, with \
                                          std::process::Command";

    /// Points that found no place, because the disk took nothing for too long.
    pub(crate) fn dropped_points(count: u64) -> Self {
        let points = plural_with(count, "point", ["was", "were"]);
        let message = format!("{points} dropped: the disk was too slow or full");
        let hint = "free some space, or set TRACKER_DIR to a disk that takes writes";
        Self { count, ..Self::new("points-dropped", message, hint) }
    }

    /// Facts that are no struct and no map, or nested too deeply.
    pub(crate) fn unkept_facts(topic: &str, unkept: &Unkept) -> Self {
        let topic = crate::error::excerpt(topic);
        Self::new(
            "facts-not-kept",
            format!("the facts about `{topic}` were dropped: {}", unkept.reason),
            unkept.hint,
        )
    }

    /// A line of `control.jsonl` that asks for nothing that this version knows.
    pub(crate) fn unknown_request(line: &str) -> Self {
        Self::new(
            "request-not-understood",
            format!("a line of control.jsonl was not understood: `{line}`"),
            "ask with `tracker stop`; a newer tracker may know more requests than this training",
        )
    }

    /// A file that somebody removed while the run lives. Nothing of it was lost.
    pub(crate) fn removed_file(path: &Path) -> Self {
        Self::new(
            "file-removed",
            format!("{} was removed while the training runs; it was written again", path.display()),
            "leave the folder of a run alone until it has ended; `tracker rm` removes runs",
        )
    }

    /// A file that could not be written; one kind for each kind of error.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        Self::new(
            format!("write-failed-{}", error.kind()),
            format!("failed to write {}: {error}", path.display()),
            "free space or set the permissions; tracker tries again by itself and keeps points \
             in memory meanwhile, as many as fit",
        )
    }
}
