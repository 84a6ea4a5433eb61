//! Optimizers that log their steps, and what can happen between two of them.
//!
//! | module | what |
//! |---|---|
//! | `tracked` | [`TrackedOptimizer`]: steps as the optimizer within does |
//! | `backward` | who runs backward from the loss |
//! | `accumulation` | adds up the gradients of several batches |
//! | `schedule` | [`Schedule`]: learning rates by step |

mod accumulation;
mod backward;
mod schedule;
mod tracked;

pub use schedule::Schedule;
pub use tracked::{OneStep, TrackedOptimizer};
