#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | `hooks` | [`Hooks`], what a training loop holds |
//! | `epochs`, `batches`, `optimizer`, `scope` | what wraps the parts of a loop |
//! | `session` | the state behind them: steps, epochs, order |
//! | `row`, `measured`, `mean` | what a step or an evaluation measured |
//! | `accuracy`, `items` | right answers; how many items a loss stands for |
//! | `readback` | scalars on their way from the device |
//! | `ledger`, `series`, `problem` | points, metric names, words for what fails |

mod accuracy;
mod adamw;
mod batches;
#[allow(dead_code, reason = "the hooks do not call it yet")]
mod checkpoints;
#[cfg(test)]
mod deferred_tests;
mod epochs;
mod hooks;
mod items;
mod ledger;
mod mean;
mod measured;
mod optimizer;
mod optimizer_state;
pub mod prelude;
mod problem;
mod readback;
mod row;
mod scope;
mod series;
mod session;

pub use candle_core;
pub use candle_nn;
pub use tracker_core;

pub use adamw::ResumableAdamW;
pub use batches::Batches;
pub use checkpoints::{CheckpointOptions, RestoreError, Restored};
pub use epochs::{EpochNumber, Epochs};
pub use hooks::Hooks;
pub use optimizer::TrackedOptimizer;
pub use optimizer_state::OptimizerState;
pub use scope::Scope;
