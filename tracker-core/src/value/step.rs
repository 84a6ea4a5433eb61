//! Where in training something is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A position in training: the global optimizer step, counted from 0.
///
/// Every `u64` is a valid step. Points may come in any order of steps and repeat one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Step(pub u64);

impl From<u64> for Step {
    fn from(step: u64) -> Self {
        Self(step)
    }
}

impl From<u32> for Step {
    fn from(step: u32) -> Self {
        Self(step.into())
    }
}

impl From<usize> for Step {
    fn from(step: usize) -> Self {
        Self(step as u64)
    }
}

/// So that `log_at(3, ..)` compiles, whose literal is an `i32`. A negative step counts as 0.
impl From<i32> for Step {
    fn from(step: i32) -> Self {
        Self(u64::try_from(step).unwrap_or(0))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
