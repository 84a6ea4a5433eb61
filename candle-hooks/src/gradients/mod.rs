//! The size of gradients, and how it is limited.
//!
//! | module | what |
//! |---|---|
//! | `norm` | the norm over all variables, without waiting for a device |
//! | `clip` | scales or cuts gradients that are too large |
//!
//! A gradient store also holds the gradients of inputs, so all here goes over the variables and
//! looks up theirs. Variables without a gradient are passed over.

mod clip;
mod norm;

pub(crate) use clip::{clip, unique};
pub use clip::{clip_grad_norm, clip_grad_value};
pub(crate) use norm::{Amount, norm};
