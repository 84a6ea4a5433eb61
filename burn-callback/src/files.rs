//! Burn's own metric files, which `.summary()` reads.

use burn::train::{
    logger::{FileMetricLogger, MetricLogger},
    metric::{
        MetricDefinition, NumericEntry,
        store::{EpochSummary, MetricsUpdate, Split},
    },
};

use crate::guard::caught;

/// Burn's file logger, which panics where its folder cannot be written. Here it is let go then.
pub(crate) struct Files {
    logger: Option<FileMetricLogger>,
}

impl Files {
    pub(crate) fn new(logger: Option<FileMetricLogger>) -> Self {
        Self { logger }
    }

    pub(crate) fn define(&mut self, definition: MetricDefinition) {
        self.guarded(|logger| logger.log_metric_definition(definition));
    }

    /// Takes an update. `false` if that failed; from then on nothing is written.
    pub(crate) fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) -> bool {
        self.guarded(|logger| logger.log(update, epoch, split)).is_some()
    }

    /// `false` as for [`log`](Self::log).
    pub(crate) fn end_epoch(&mut self, summary: EpochSummary) -> bool {
        self.guarded(|logger| logger.log_epoch_summary(summary)).is_some()
    }

    /// What the files say of a metric in an epoch; nothing if they cannot be read.
    pub(crate) fn read(&mut self, name: &str, epoch: usize, split: &Split) -> Vec<NumericEntry> {
        let read = self.guarded(|logger| logger.read_numeric(name, epoch, split).ok());
        read.flatten().unwrap_or_default()
    }

    /// `None` if it panicked just now.
    fn guarded<T: Default>(&mut self, work: impl FnOnce(&mut FileMetricLogger) -> T) -> Option<T> {
        let Some(mut logger) = self.logger.take() else { return Some(T::default()) };
        if let Some(value) = caught(|| work(&mut logger)) {
            self.logger = Some(logger);
            Some(value)
        } else {
            // Closing several files that failed would panic within a panic.
            std::mem::forget(logger);
            None
        }
    }
}
