//! An epoch while it lasts, and how it ends.

use std::time::Instant;

use crate::adapter::recorder::{
    iterator_id::IteratorId,
    loop_state::{Position, Times},
};

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
    /// How many loops over batches it had.
    pub(super) loops: u64,
    /// Where the last step was taken; `None` where that was in no batch.
    pub(super) position: Option<Position>,
    /// Up to where a training before has been through it.
    pub(super) goes_on_at: Option<Position>,
    /// What it took in that training.
    pub(super) before: Times,
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

    /// A step was taken in it, at this place.
    pub(super) fn stepped(&mut self, position: Option<Position>) {
        self.position = position;
        self.until_last_step = Some(self.begun.elapsed().as_secs_f64() - self.evaluating);
        self.evaluated = false;
    }

    /// What it took so far. Its training is the time within batches, else until its last step.
    pub(super) fn times(&self) -> Times {
        let all = self.before.all + self.begun.elapsed().as_secs_f64();
        let training = match self.before.training + self.training {
            0.0 => self.until_last_step.unwrap_or(all),
            training => training,
        };
        Times { all, training, waited: self.before.waited + self.waited }
    }

    /// Whether batches were timed.
    pub(super) fn has_batch_times(&self) -> bool {
        self.before.training + self.training > 0.0
    }
}
