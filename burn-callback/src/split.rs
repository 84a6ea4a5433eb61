//! The batches of one split on their way to the epoch's values.

use crate::mean::BatchMeans;

/// One metric's value of one batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// The metric's index in the catalog.
    pub(crate) series: usize,
    /// Burn's value.
    pub(crate) value: f64,
    /// How many units Burn counts it as the mean of.
    pub(crate) count: usize,
}

/// The means of one split, by metric.
#[derive(Debug, Default)]
pub(crate) struct SplitMeans {
    means: Vec<BatchMeans>,
    any: bool,
}

impl SplitMeans {
    /// Takes batches that have `items` items together. Batches whose loader tells no sizes all
    /// weigh the same.
    pub(crate) fn add(&mut self, items: u64, batches: usize, readings: &[Reading]) {
        self.any = true;
        let items = items.max(1) as f64 / batches.max(1) as f64;
        for reading in readings {
            if self.means.len() <= reading.series {
                self.means.resize(reading.series + 1, BatchMeans::default());
            }
            if let Some(mean) = self.means.get_mut(reading.series) {
                mean.add(reading.value, reading.count, items);
            }
        }
    }

    /// The epoch's value of a metric, where Burn says `burn`.
    pub(crate) fn epoch_value(&self, series: usize, burn: f64) -> f64 {
        self.means.get(series).map_or(burn, |mean| mean.epoch_value(burn))
    }

    /// The split's value of a metric of which Burn makes none; `None` if it had no batch.
    pub(crate) fn value(&self, series: usize) -> Option<f64> {
        self.means.get(series).and_then(BatchMeans::value)
    }

    /// Whether the split had a batch.
    pub(crate) fn any(&self) -> bool {
        self.any
    }

    /// Forgets the batches, for the next epoch.
    pub(crate) fn clear(&mut self) {
        self.means.clear();
        self.any = false;
    }
}
