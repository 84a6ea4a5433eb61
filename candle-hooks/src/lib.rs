#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | `hooks` | [`Hooks`], what a training loop holds; a file for each thing that it is asked for |
//! | `epochs`, `batches`, `optimizer`, `scope` | what wraps the parts of a loop |
//! | `session` | the state behind them: steps, epochs, order |
//! | `row`, `step_values`, `mean`, `metric_value` | what a step or an evaluation measured |
//! | `accuracy`, `items`, `graph` | right answers; what a loss stands for and was made of |
//! | `gradients` | norms of gradients, and clipping |
//! | `watch` | gradients and weights, layer by layer |
//! | `checkpoints`, `optimizer_state`, `adamw` | files to go on from, and what optimizers remember |
//! | `early_stopping` | when a training gets no better |
//! | `images` | [`Images`]: pictures in a tensor |
//! | `readback` | scalars on their way from the device |
//! | `creation_order` | sums over a model are the same in each process |
//! | `host`, `device` | numbers where they lie, and what a device can compute |
//! | `weights` | [`Weights`]: which variables a checkpoint holds |
//! | `metric_writer`, `series`, `naming`, `problem` | points, metric names, words for what fails |
//!
//! # Features
//!
//! - `log`, `tracing`: [`messages`](tracker_core::messages) has a logger, or a layer, for what the program says.
//! - `remote`: what `TRACKER_SYNC` or `.sync(..)` names a place for is sent by a thread of the process, without the command
//!   `tracker`, if runs begin by the prelude's `init`; else call `tracker_remote::send_in_process()` first.
//! - `study`: `tracker_study`, which finds the best settings by trying, with its `Study` in the prelude.

mod accuracy;
mod adamw;
mod checkpoints;
mod creation_order;
#[cfg(test)]
mod deferred_tests;
mod device;
mod gradients;
mod graph;
mod hooks;
mod host;
mod images;
mod items;
mod metric_value;
mod optimizer;
mod optimizer_state;
pub mod prelude;
mod problem;
mod readback;
mod scope;
mod session;
mod watch;
mod weights;

pub use candle_core;
pub use candle_nn;
pub use tracker_core;
#[cfg(feature = "remote")]
pub use tracker_remote;
#[cfg(feature = "study")]
pub use tracker_study;

pub use accuracy::AccuracyOptions;
pub use adamw::ResumableAdamW;
pub use checkpoints::RestoreError;
pub use gradients::{clip_grad_norm, clip_grad_value};
pub use hooks::Hooks;
pub use images::Images;
pub use metric_value::MetricValue;
pub use optimizer::{OneStep, Schedule, TrackedOptimizer};
pub use optimizer_state::OptimizerState;
pub use scope::Scope;
pub use tracker_core::adapter::{
    EarlyStopping, EpochNumber, Order,
    checkpoints::{CheckpointOptions, Restored},
};
pub use watch::WatchOptions;
pub use weights::Weights;

/// Goes over epochs; see [`Hooks::epochs`].
pub type Epochs<I> = tracker_core::adapter::recorder::Epochs<Hooks, I>;

/// Goes over batches; see [`Hooks::batches`].
pub type Batches<I> = tracker_core::adapter::recorder::Batches<Hooks, I>;
