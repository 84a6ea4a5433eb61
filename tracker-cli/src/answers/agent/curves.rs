//! Curves, each by steps of its own.

use serde::Serialize;
use serde_json::Value as Json;
use tracker_core::Direction;

use crate::answers::{agent::page::Page, step::Step};

/// What `curve` answers.
#[derive(Debug, Serialize)]
pub(crate) struct DrawnCurves {
    /// How many a curve has at most; fewer than were asked for where the answer would be too long.
    pub(crate) buckets: usize,
    pub(crate) curves: Page<Curve>,
    /// What is not there, or could not be read.
    pub(crate) warnings: Page<String>,
}

/// A metric of a run between two steps.
#[derive(Debug, Serialize)]
pub(crate) struct Curve {
    pub(crate) run: String,
    pub(crate) name: String,
    pub(crate) metric: String,
    pub(crate) unit: Option<String>,
    pub(crate) better: Option<Direction>,
    /// Between the two steps, and in all.
    pub(crate) points: u64,
    pub(crate) points_in_all: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) not_finite: Option<NotFinite>,
    /// What the numbers of a row are: each point, or what some points in a row come to.
    pub(crate) columns: &'static [&'static str],
    pub(crate) rows: Vec<Vec<Json>>,
}

/// What is NaN or infinite.
#[derive(Debug, Serialize)]
pub(crate) struct NotFinite {
    pub(crate) nan: u64,
    pub(crate) infinite: u64,
    /// The first of them lies between these steps.
    pub(crate) first_between: [Step; 2],
}
