//! An epoch while it lasts, and how it ends.

use std::time::Instant;

use crate::adapter::recorder::iterator_id::IteratorId;

/// An epoch while it lasts.
#[derive(Debug)]
pub(super) struct OpenEpoch {
    pub(super) iterator: IteratorId,
    pub(super) number: f64,
    /// Its place among the epochs, from 1, and how many there are, where that is known.
    pub(super) place: u64,
    pub(super) epochs: Option<u64>,
    pub(super) begun: Instant,
    pub(super) first_step: u64,
    /// Time within batches, in seconds.
    pub(super) training: f64,
    /// The part of it in which the training waited for its data.
    pub(super) waited: f64,
    /// When the last step was taken, in seconds since the beginning without evaluations.
    pub(super) until_last_step: Option<f64>,
    /// The time of evaluations outside of batches, in seconds.
    pub(super) evaluating: f64,
    /// Whether there was an evaluation after the last step.
    pub(super) evaluated: bool,
    /// How its last batches ended; `None` where nobody wrapped any.
    pub(super) last_batches: Option<End>,
    /// Whether its batches ended before their time: somebody asked the run to stop, or one could not
    /// be loaded.
    pub(super) cut_short: bool,
    /// Whether its iterator was dropped. What follows tells whether the loop was over: by `break`, or
    /// left by an error.
    pub(super) left: bool,
}

/// How an iterator of epochs or batches came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It went on to the next, or had no more to give.
    Regular,
    /// It was dropped before: by `break`, `?` or a panic.
    Dropped,
}

/// What is known of an epoch whose iterator has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Whole,
    CutShort,
    /// Its loop was left between two batches: by `break`, or by an error. What follows tells.
    Undecided,
}

impl OpenEpoch {
    /// Whether it ended before its time. Batches that a loop leaves with `break`, to go on with its
    /// next epoch, make a short epoch, but a whole one.
    pub(super) fn verdict(&self, end: End) -> Verdict {
        if self.cut_short || std::thread::panicking() {
            return Verdict::CutShort;
        }
        match (end, self.last_batches) {
            (End::Regular, _) | (End::Dropped, Some(End::Regular)) => Verdict::Whole,
            (End::Dropped, Some(End::Dropped)) => Verdict::CutShort,
            (End::Dropped, None) if self.evaluated => Verdict::Whole,
            (End::Dropped, None) => Verdict::Undecided,
        }
    }

    /// A step was taken in it.
    pub(super) fn stepped(&mut self) {
        self.until_last_step = Some(self.begun.elapsed().as_secs_f64() - self.evaluating);
        self.evaluated = false;
    }

    pub(super) fn training_seconds(&self, seconds: f64) -> f64 {
        if self.training > 0.0 { self.training } else { self.until_last_step.unwrap_or(seconds) }
    }
}
