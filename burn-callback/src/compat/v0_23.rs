//! Burn 0.23.

use burn::{
    data::dataloader::Progress,
    train::{ExecutionStrategy, metric::MetricMetadata},
};
use tracker_core::Problem;

use super::{Loaded, Position, counts_items, unseen_devices::UnseenDevices};
use crate::{TrackOptions, step_metric::Batch};

/// The version that the crate was made with.
pub(crate) const VERSION: &str = "0.23.0-pre.1";

/// Whether the last step of an epoch is taken after its batches were told of. Burn 0.23 knows of the
/// last batch when the loader has no other: only then it steps with what gradients it has gathered.
pub(crate) const LAST_STEP_IS_LATE: bool = true;

/// What a renderer is told of a split.
pub(super) type Told<'a> = &'a Progress;

/// How many items a split will have; 0 if nobody knows.
pub(super) fn total(progress: Told<'_>) -> usize {
    progress.total.unwrap_or_default()
}

/// How many items of a split were processed.
pub(super) fn processed(progress: Told<'_>) -> usize {
    progress.items_processed
}

/// Whether a split that ended has all of its items. Only a failed or interrupted one ends without a
/// total.
pub(super) fn is_whole(progress: Told<'_>) -> bool {
    progress.total.is_some_and(|total| progress.items_processed >= total)
}

/// How far a data loader is that says this of itself.
pub(crate) fn loaded(progress: &Progress) -> Loaded {
    let is_known = counts_items(progress.unit.as_deref());
    Loaded {
        processed: if is_known { progress.items_processed as u64 } else { 0 },
        left: progress.total.map_or(0, |total| total.saturating_sub(progress.items_processed))
            as u64,
    }
}

/// The devices that train.
///
/// Burn numbers the batches of devices that train apart as those of one device, and adds their progress
/// up. They wait for each other before each batch, so that as many as there are devices follow each other.
#[derive(Debug, Clone)]
pub(crate) struct Devices {
    /// How many train apart; `None` if nobody said.
    apart: Option<u64>,
    unseen: UnseenDevices,
}

impl Devices {
    pub(crate) fn of(strategy: Option<&ExecutionStrategy>) -> Self {
        let apart = |strategy: &ExecutionStrategy| match strategy {
            ExecutionStrategy::DistributedDataParallel { devices, .. } => devices.len() as u64,
            _ => 1,
        };
        Self { apart: strategy.map(apart), unseen: UnseenDevices::default() }
    }

    /// Where the batch of `metadata` is in its split.
    pub(crate) fn position(&self, metadata: &MetricMetadata) -> Position {
        let progress = &metadata.progress;
        let devices = self.apart.unwrap_or(1).max(1);
        Position {
            iteration: metadata.iteration.map(|own| (own as u64).div_ceil(devices) * devices),
            loaded: loaded(progress),
            completed: is_whole(progress),
        }
    }

    /// What is wrong with what is known of the devices.
    pub(crate) fn problem(&mut self, batch: &Batch) -> Option<Problem> {
        if self.apart.is_some() { None } else { self.unseen.look(batch) }
    }
}

impl TrackOptions {
    /// The devices that train; in place of the builder's `with_training_strategy`. Needed where they train
    /// apart (`ExecutionStrategy::ddp`): Burn tells of their batches as of those of one device, and each
    /// would be taken for a step.
    pub fn training_strategy(mut self, strategy: ExecutionStrategy) -> Self {
        self.training_strategy = Some(strategy);
        self
    }
}
