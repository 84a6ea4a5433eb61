//! Where two runs begin to differ, and what else does.

use serde::Serialize;

use crate::answers::{step::Step, value::Value};

/// Two points that differ.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct DifferingValue {
    pub(crate) metric: String,
    pub(crate) rank: u16,
    pub(crate) step: Step,
    /// The last step before at which the metric is the same in both.
    pub(crate) after: Option<Step>,
    /// That of the first run, and that of the second.
    pub(crate) values: Vec<Value>,
}

/// What one run has and the other has not.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct AloneIn {
    pub(crate) metrics: Vec<String>,
    /// Points of other metrics at steps of it alone, as far as was compared, and the first of them.
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) points: u64,
    pub(crate) first_metric: Option<String>,
    pub(crate) first_step: Option<Step>,
    pub(crate) last_step: Option<Step>,
}

/// Something beside the points that differs, as people read it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Differing {
    pub(crate) name: String,
    pub(crate) values: Vec<String>,
}

/// What `/diverge` answers. Of all pairs, the first is of the first run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Divergence {
    /// The pairs of points that were compared, until both differences were found.
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) compared: u64,
    /// A share of the greater value.
    pub(crate) tolerance: f64,
    /// What differs at the first step at which any bit does, the likely cause first; and how many points do.
    pub(crate) bitwise: Vec<DifferingValue>,
    pub(crate) bitwise_of: usize,
    /// What differs at the first step at which anything does by more than the tolerance.
    pub(crate) beyond: Vec<DifferingValue>,
    pub(crate) beyond_of: usize,
    pub(crate) alone: Vec<AloneIn>,
    pub(crate) config: Vec<Differing>,
    /// What the trainings described, such as the device.
    pub(crate) facts: Vec<Differing>,
    /// Host, command, commit and changes since.
    pub(crate) origin: Vec<Differing>,
    pub(crate) packages: Vec<Differing>,
    /// What could not be read.
    pub(crate) warnings: Vec<String>,
}
