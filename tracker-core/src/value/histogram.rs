//! How the values of a tensor are spread.

use serde::{Deserialize, Serialize};

/// Counts of values in bins of equal width.
///
/// ```
/// use tracker_core::Histogram;
///
/// let histogram = Histogram::new(0.0, 1.0, vec![3, 0, 5, 2]);
/// assert_eq!(histogram.edges(), [0.0, 0.25, 0.5, 0.75, 1.0]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Histogram {
    /// The lower edge of the first bin: the smallest finite value.
    #[serde(with = "crate::value::number")]
    pub min: f64,
    /// The upper edge of the last bin, which belongs to it: the greatest finite value.
    #[serde(with = "crate::value::number")]
    pub max: f64,
    /// How many values fall into each bin.
    pub counts: Vec<u64>,
    /// How many values are NaN or infinite; they are in no bin.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_finite: u64,
}

impl Histogram {
    /// A histogram of values from `min` to `max`, both finite.
    pub fn new(min: f64, max: f64, counts: Vec<u64>) -> Self {
        Self { min, max, counts, not_finite: 0 }
    }

    /// Says how many values are in no bin, because they are NaN or infinite.
    #[must_use]
    pub fn not_finite(mut self, count: u64) -> Self {
        self.not_finite = count;
        self
    }

    /// The edges of the bins, one more than there are bins.
    pub fn edges(&self) -> Vec<f64> {
        let bins = self.counts.len();
        let edge = |index: usize| {
            let share = index as f64 / bins.max(1) as f64;
            if index == bins { self.max } else { self.min + (self.max - self.min) * share }
        };
        (0..=bins).map(edge).collect()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
