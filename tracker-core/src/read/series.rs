//! Rows by their metrics, as readers get them.

use crate::read::{Row, Warning};

/// Rows of one metric: all of them, or some where they come from a [`RowStream`](crate::read::RowStream).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// The metric's name.
    pub metric: String,
    /// Its rows, in the order of step, attempt and seq.
    pub rows: Vec<Row>,
}

/// All points of a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Points {
    /// Each metric's rows, by name.
    pub series: Vec<Series>,
    /// What is damaged; everything else is here.
    pub warnings: Vec<Warning>,
    /// How many points a process that died was about to store when it did. The calls that logged
    /// them never returned, so nothing that was logged is missing.
    pub unfinished: u64,
}
