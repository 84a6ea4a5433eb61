//! A run's curves, as those ask for them who want one of them.

use std::ops::RangeInclusive;

use crate::{
    Result,
    read::{Bucket, Row, RunReader, Snapshot},
};

/// Curves. Those of a fork begin with its parent's.
impl RunReader {
    /// The names of all metrics that have points, those too of which a fork has its parent's alone.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn metrics(&self) -> Result<Vec<String>> {
        match self.info().parent {
            Some(_) => Ok(self.snapshot()?.metrics()),
            None => Ok(self.summary()?.keys().cloned().collect()),
        }
    }

    /// All rows of one metric, in the order of step, attempt and seq.
    ///
    /// # Errors
    /// If the run has no such metric, or its folder cannot be listed.
    pub fn series(&self, metric: &str) -> Result<Vec<Row>> {
        self.series_in(metric, 0..=u64::MAX)
    }

    /// The rows of one metric whose step is in `steps`, in the order of step, attempt and seq.
    ///
    /// # Errors
    /// If the run has no such metric, or its folder cannot be listed.
    pub fn series_in(&self, metric: &str, steps: RangeInclusive<u64>) -> Result<Vec<Row>> {
        self.snapshot()?.series_in(metric, steps)
    }

    /// The run's points as they are now, for those who ask for many curves: all that holds them is
    /// opened and read once.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::of(self)
    }

    /// The points of one metric between two steps, both included, as at most `buckets` buckets of
    /// the same width in steps, each with its extremes. Costs little however many points there
    /// are: where they are many, only what the parts say of whole blocks is read.
    ///
    /// # Errors
    /// If the run has no such metric, or its folder cannot be listed.
    pub fn overview(
        &self,
        metric: &str,
        steps: RangeInclusive<u64>,
        buckets: usize,
    ) -> Result<Vec<Bucket>> {
        self.snapshot()?.overview(metric, steps, buckets)
    }

    /// Opens all files that hold points, those of a fork's parent too, so that [`warnings`](Self::warnings)
    /// tell which of them cannot be read. Decodes none.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn check(&self) -> Result<()> {
        self.snapshot().map(drop)
    }
}
