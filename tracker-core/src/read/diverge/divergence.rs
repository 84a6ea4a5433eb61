//! What differs between two runs.

use crate::Step;

/// Two points of the same rank, metric and step that differ.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DifferingPoint {
    /// The rank of the process that logged them.
    pub rank: u16,
    /// The metric.
    pub metric: String,
    /// Where both have it.
    pub step: Step,
    /// The last step before at which both have this metric, with values that do not differ; `None` if there is none. What
    /// made the difference came after it.
    pub after: Option<Step>,
    /// The value of each.
    pub values: [f64; 2],
    /// The place of the point in the order in which the first run logged.
    pub(crate) seq: u64,
}

/// What one of two runs has and the other has not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Alone {
    /// Metrics of which it alone has points.
    pub metrics: Vec<String>,
    /// Points of the other metrics, at steps that it alone has, as far as was compared.
    pub points: u64,
    /// The first of these, by metric and step.
    pub first: Option<(String, Step)>,
    /// Its last step.
    pub last_step: Option<Step>,
}

/// Where two runs begin to differ.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Divergence {
    /// What differs at the first step at which any bit does; none if all is the same. What is likely the cause of the others
    /// comes first: losses, then gradients, parameters, updates, and within these the layer that was logged first.
    pub bitwise: Vec<DifferingPoint>,
    /// What differs at the first step at which anything does by more than the tolerance, in the same order.
    pub beyond: Vec<DifferingPoint>,
    /// The pairs of points that were compared. Nothing is compared after the first step of `beyond`.
    pub compared: u64,
    /// What each of the two alone has.
    pub alone: [Alone; 2],
}
