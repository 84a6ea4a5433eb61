//! Where two runs begin to differ.

use serde::Serialize;
use tracker_core::Step;

use crate::answers::{in_order::InOrder, value::Value};

/// What `tracker diverge` prints. Of all pairs, the first is of the first run.
#[derive(Debug, Serialize)]
pub(crate) struct Divergence<'a> {
    pub(crate) runs: [Side<'a>; 2],
    /// The pairs of points that were compared, until both differences were found.
    pub(crate) compared: u64,
    /// A share of the greater value.
    pub(crate) tolerance: f64,
    /// What differs at the first step at which any bit does, the likely cause first.
    pub(crate) bitwise: Vec<Point<'a>>,
    /// What differs at the first step at which anything does by more than the tolerance.
    pub(crate) beyond: Vec<Point<'a>>,
    /// By dot path, as people read them.
    pub(crate) config: InOrder<&'a str, &'a [String; 2]>,
    pub(crate) facts: InOrder<&'a str, &'a [String; 2]>,
    pub(crate) origin: InOrder<&'a str, &'a [String; 2]>,
    pub(crate) packages: InOrder<&'a str, &'a [String; 2]>,
}

/// One of the two runs.
#[derive(Debug, Serialize)]
pub(crate) struct Side<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) project: &'a str,
    pub(crate) state: &'static str,
    pub(crate) last_step: Option<Step>,
    pub(crate) alone: Alone<'a>,
}

/// What one run has and the other has not.
#[derive(Debug, Serialize)]
pub(crate) struct Alone<'a> {
    pub(crate) metrics: &'a [String],
    /// Points of other metrics at steps of it alone, as far as was compared, and the first of them.
    pub(crate) points: u64,
    pub(crate) first_metric: Option<&'a str>,
    pub(crate) first_step: Option<Step>,
}

/// Two points that differ.
#[derive(Debug, Serialize)]
pub(crate) struct Point<'a> {
    pub(crate) metric: &'a str,
    pub(crate) rank: u16,
    pub(crate) step: Step,
    /// The last step before at which the metric is the same in both.
    pub(crate) after: Option<Step>,
    pub(crate) values: [Value; 2],
}
