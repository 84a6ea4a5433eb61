//! What did not work, and the way out.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    Writer,
    value::{settings::Unkept, words::plural_with},
};

/// Something that did not work, how often, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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

    /// Steps that a signed integer cannot hold.
    pub(crate) fn huge_steps(count: u64) -> Self {
        let message = "a step is 2^63 or more, which other programs read from Parquet as negative";
        let hint = "count steps from 0; tracker itself shows them as they are";
        Self { count, ..Self::new("huge-steps", message, hint) }
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
            "ask with `tracker stop` or `tracker set`; a newer tracker may know more requests than this training",
        )
    }

    /// A request for a checkpoint in a training that saves none by request.
    pub(crate) fn unheard_checkpoint(request: &str) -> Self {
        Self::new(
            "checkpoint-not-saved",
            format!("{}, and nothing here saves one", crate::error::excerpt(request)),
            "say `hooks.checkpoint(..)` before the loop, or look at `run.checkpoints_asked()`; Burn's \
             Learner saves after its epochs alone",
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
