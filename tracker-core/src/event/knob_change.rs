//! A change of a knob.

use serde::{Deserialize, Serialize};

use crate::Step;

/// A change of a [`Knob`](crate::Knob), as the run tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KnobChange {
    /// The knob's name.
    pub name: String,
    /// The first step that saw the value.
    pub from_step: Step,
    /// The value, a finite number.
    pub value: f64,
    /// Who asked for it, as `user@machine`; or `replay of NAME`.
    pub by: String,
}
