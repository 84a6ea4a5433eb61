//! Burn 0.22.

use burn::{
    data::dataloader::Progress,
    train::{ExecutionStrategy, metric::MetricMetadata},
};
use tracker_core::Problem;

use super::{Loaded, Position, counts_items};
use crate::step_metric::Batch;

/// The version that the crate was made with.
pub(crate) const VERSION: &str = "0.22.1";

/// Whether the last step of an epoch is taken after its batches were told of. Burn 0.22 knows a last
/// batch by the loader's progress.
pub(crate) const LAST_STEP_IS_LATE: bool = false;

/// What a renderer is told of a split: a count of items.
pub(super) type Told<'a> = usize;

/// How many items a split will have.
pub(super) fn total(items: Told<'_>) -> usize {
    items
}

/// How many items of a split were processed.
pub(super) fn processed(items: Told<'_>) -> usize {
    items
}

/// How far a data loader is that says this of itself.
pub(crate) fn loaded(progress: &Progress) -> Loaded {
    let is_known = counts_items(progress.unit.as_deref());
    Loaded {
        processed: if is_known { progress.items_processed as u64 } else { 0 },
        left: progress.items_total.saturating_sub(progress.items_processed) as u64,
    }
}

/// The devices that train. Burn's numbers tell how many train apart.
#[derive(Debug, Clone)]
pub(crate) struct Devices;

#[expect(clippy::unused_self, reason = "with Burn 0.23 there is something to know")]
impl Devices {
    pub(crate) fn of(_: Option<&ExecutionStrategy>) -> Self {
        Self
    }

    /// Where the batch of `metadata` is in its split.
    pub(crate) fn position(&self, metadata: &MetricMetadata) -> Position {
        let progress = &metadata.progress;
        Position {
            iteration: metadata.iteration.map(|iteration| iteration as u64),
            loaded: loaded(progress),
            completed: progress.is_completed(),
        }
    }

    /// What is wrong with what is known of the devices.
    pub(crate) fn problem(&mut self, _: &Batch) -> Option<Problem> {
        None
    }
}
