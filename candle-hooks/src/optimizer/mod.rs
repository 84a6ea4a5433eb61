//! Optimizers that log their steps, and what can happen between two of them.
//!
//! | module | what |
//! |---|---|
//! | `tracked` | [`TrackedOptimizer`]: steps as the optimizer within does |
//! | `accumulation` | adds up the gradients of several batches |
//! | `schedule` | [`Schedule`]: learning rates by step |

mod accumulation;
mod schedule;
mod tracked;

pub use schedule::Schedule;
pub use tracked::TrackedOptimizer;
