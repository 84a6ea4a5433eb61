//! When checkpoints are saved, and which of them are kept.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::Direction;

/// When checkpoints are saved, where, and which of them are kept.
///
/// By default one is saved after each epoch, and the last two and the best one are kept.
///
/// ```
/// use tracker_core::adapter::checkpoints::CheckpointOptions;
///
/// let options = CheckpointOptions::new().keep_last(3).best("valid/accuracy").every_epochs(2);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckpointOptions {
    every_epochs: u64,
    every_steps: u64,
    every: Option<Duration>,
    keep: Keep,
    best: BestBy,
    folder: Option<PathBuf>,
}

/// How many checkpoints are kept beside the best one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Last(usize),
    All,
}

/// Which checkpoint is the best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BestBy {
    /// That of the validation's loss or, where there is none, of what else is there.
    Usual,
    /// That of a metric the user named. Without a direction, its name tells.
    Metric(String, Option<Direction>),
    /// None is.
    Nothing,
}

impl Default for CheckpointOptions {
    fn default() -> Self {
        Self {
            every_epochs: 1,
            every_steps: 0,
            every: None,
            keep: Keep::Last(2),
            best: BestBy::Usual,
            folder: None,
        }
    }
}

impl CheckpointOptions {
    /// One checkpoint after each epoch, of which the last two and the best are kept.
    pub fn new() -> Self {
        Self::default()
    }

    /// Saves after every `epochs`-th epoch; 1 by default. With 0, the ends of epochs save nothing.
    #[must_use]
    pub fn every_epochs(mut self, epochs: u64) -> Self {
        self.every_epochs = epochs;
        self
    }

    /// Saves also after every `steps` steps, for long epochs and for loops that have none. With 0,
    /// the default, it does not. Where a step ends an epoch that is saved too, one of the two is
    /// kept. With it, the end of the run is saved too, so that a training that was stopped goes on
    /// where it ended.
    #[must_use]
    pub fn every_steps(mut self, steps: u64) -> Self {
        self.every_steps = steps;
        self
    }

    /// Saves also after the first step that ends this time after the last checkpoint, and at the end of
    /// the run: a training that is killed loses no more than that.
    ///
    /// ```
    /// # use tracker_core::adapter::checkpoints::CheckpointOptions;
    /// use std::time::Duration;
    ///
    /// let options = CheckpointOptions::new().every(Duration::from_mins(10));
    /// ```
    #[must_use]
    pub fn every(mut self, time: Duration) -> Self {
        self.every = Some(time);
        self
    }

    /// Keeps the last `count` checkpoints, beside the best one; 2 by default. With 0, the best one
    /// alone is kept, or the last one as long as none is the best.
    #[must_use]
    pub fn keep_last(mut self, count: usize) -> Self {
        self.keep = Keep::Last(count);
        self
    }

    /// Keeps all checkpoints. Each takes the room of the model, and of what the optimizer
    /// remembers: for `AdamW` twice that of the model.
    #[must_use]
    pub fn keep_all(mut self) -> Self {
        self.keep = Keep::All;
        self
    }

    /// Which checkpoint is the best: that of the best value of `metric`, such as
    /// `valid/accuracy`. The last part of the name tells which values are better: lower ones of
    /// `loss` and `perplexity`, higher ones of `accuracy` and `top_5_accuracy`. For other names say
    /// so, with [`best_highest`](Self::best_highest) or [`best_lowest`](Self::best_lowest).
    ///
    /// Without any of these it is the lowest `valid/loss`; where there is none, the highest
    /// `valid/accuracy`, or else the lowest `train/loss`. Of equal values the first is the best; a
    /// value that is not finite never is.
    #[must_use]
    pub fn best(mut self, metric: impl Into<String>) -> Self {
        self.best = BestBy::Metric(metric.into(), None);
        self
    }

    /// Which checkpoint is the best: that of the highest value of `metric`.
    #[must_use]
    pub fn best_highest(mut self, metric: impl Into<String>) -> Self {
        self.best = BestBy::Metric(metric.into(), Some(Direction::Higher));
        self
    }

    /// Which checkpoint is the best: that of the lowest value of `metric`.
    #[must_use]
    pub fn best_lowest(mut self, metric: impl Into<String>) -> Self {
        self.best = BestBy::Metric(metric.into(), Some(Direction::Lower));
        self
    }

    /// No checkpoint is the best; the last ones are kept.
    #[must_use]
    pub fn without_best(mut self) -> Self {
        self.best = BestBy::Nothing;
        self
    }

    /// Saves into this folder, which is made if it is not there. Without it, checkpoints are in
    /// `checkpoint` among the run's own files, such as
    /// `.tracker/mnist/01J.../files/checkpoint/model-epoch-3.safetensors`.
    ///
    /// Give each run a folder of its own: files of the same name are replaced.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Whether one is saved after this many epochs.
    pub(crate) fn is_due_after_epoch(&self, count: u64) -> bool {
        is_due(count, self.every_epochs)
    }

    /// Whether one is saved after this many steps.
    pub(crate) fn is_due_after_steps(&self, count: u64) -> bool {
        is_due(count, self.every_steps)
    }

    /// Whether any are saved within epochs.
    pub(crate) fn saves_within_epochs(&self) -> bool {
        self.every_steps > 0 || self.every.is_some()
    }

    /// The time after which one is saved at the next step.
    pub(crate) fn time(&self) -> Option<Duration> {
        self.every
    }

    pub(crate) fn keep(&self) -> Keep {
        self.keep
    }

    pub(crate) fn best_by(&self) -> &BestBy {
        &self.best
    }

    /// The folder that was set with [`folder`](Self::folder).
    pub fn own_folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }
}

fn is_due(count: u64, every: u64) -> bool {
    count > 0 && every > 0 && count.is_multiple_of(every)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_epoch_is_due_and_with_zero_none() {
        let due = |every: u64| -> Vec<u64> {
            let options = CheckpointOptions::new().every_epochs(every);
            (0..8).filter(|count| options.is_due_after_epoch(*count)).collect()
        };
        assert_eq!(due(1), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(due(3), [3, 6]);
        assert_eq!(due(0), [0; 0]);
    }

    #[test]
    fn steps_save_nothing_unless_they_are_told_to() {
        let options = CheckpointOptions::new();
        assert!((0..100).all(|count| !options.is_due_after_steps(count)));
        let options = options.every_steps(50);
        let due: Vec<u64> = (0..101).filter(|count| options.is_due_after_steps(*count)).collect();
        assert_eq!(due, [50, 100]);
    }
}
