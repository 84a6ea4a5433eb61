//! How Burn tells a metric of progress.

use burn::train::metric::MetricMetadata;

/// How far a split has come, as Burn tells its metrics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// How many items were processed; 0 if the data loader does not tell.
    pub(crate) processed: u64,
    /// Whether these were all.
    pub(crate) completed: bool,
}

/// Where the batch of `metadata` is in its split.
pub(crate) fn progress_of(metadata: &MetricMetadata) -> Progress {
    let progress = &metadata.progress;
    Progress { processed: progress.items_processed as u64, completed: progress.is_completed() }
}
