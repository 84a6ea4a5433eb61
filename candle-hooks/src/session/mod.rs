//! The state behind the hooks: which step, which epoch, what waits for its values.
//!
//! | module | what |
//! |---|---|
//! | `state` | [`Session`]: all of the state, and how it is set up |
//! | `values` | takes losses, answers and metrics; logs what has arrived |
//! | `steps` | from one step of an optimizer to the next |
//! | `batches`, `epochs`, `scopes` | what the wrapped parts of a loop tell |
//! | `keeping` | checkpoints, and going on from one |
//! | `watching` | gradients and weights that are looked at now and then |
//! | `clock` | how long a step takes |

mod batches;
mod clock;
mod epochs;
mod keeping;
mod scopes;
mod state;
mod steps;
mod values;
mod watching;

pub(crate) use epochs::End;
pub(crate) use scopes::OpenScope;
pub(crate) use state::{IteratorId, Session};
pub(crate) use steps::Role;
pub(crate) use watching::DueWatch;
