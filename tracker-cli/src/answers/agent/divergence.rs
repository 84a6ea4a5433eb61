//! Where two runs begin to differ.

use serde::Serialize;

use crate::answers::{
    agent::page::Page,
    page::divergence::{AloneIn, Differing, DifferingValue},
};

/// What `diverge` answers. Of all pairs, the first is of run `a`.
#[derive(Debug, Serialize)]
pub(crate) struct Divergence {
    pub(crate) a: String,
    pub(crate) b: String,
    /// The pairs of points that were compared, until both differences were found.
    pub(crate) compared: u64,
    /// A share of the greater value.
    pub(crate) tolerance: f64,
    /// What differs at the first step at which any bit does, the likely cause first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bitwise: Option<Page<DifferingValue>>,
    /// What differs at the first step at which anything does by more than the tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) beyond: Option<Page<DifferingValue>>,
    /// What one of them has and the other has not: of `a`, of `b`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alone: Option<Page<AloneIn>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) config: Option<Page<Differing>>,
    /// What the trainings described, such as the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) facts: Option<Page<Differing>>,
    /// Host, command, commit and changes since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Page<Differing>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) packages: Option<Page<Differing>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warnings: Option<Page<String>>,
}
