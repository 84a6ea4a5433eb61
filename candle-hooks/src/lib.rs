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
//! | `gradients` | their norm, and [`clip_grad_norm`] |
//! | `watch` | gradients and weights of a model; [`WatchOptions`] |
//! | `host`, `device` | numbers of tensors where the tensors are |
//! | `readback` | numbers on their way from the device |
//! | `ledger`, `series`, `problem` | points, metric names, words for what fails |

mod accuracy;
mod batches;
#[cfg(test)]
mod deferred_tests;
mod device;
mod early_stopping;
mod epochs;
mod gradients;
mod graph;
mod hooks;
mod host;
mod items;
mod ledger;
mod mean;
mod measured;
mod metric_value;
mod naming;
mod optimizer;
pub mod prelude;
mod problem;
mod readback;
mod row;
mod scope;
mod series;
mod session;
mod watch;

pub use candle_core;
pub use candle_nn;
pub use tracker_core;

pub use accuracy::AccuracyOptions;
pub use batches::Batches;
pub use early_stopping::EarlyStopping;
pub use epochs::{EpochNumber, Epochs};
pub use gradients::{clip_grad_norm, clip_grad_value};
pub use hooks::Hooks;
pub use metric_value::MetricValue;
pub use optimizer::{Schedule, TrackedOptimizer};
pub use scope::Scope;
pub use watch::WatchOptions;
