#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`prelude`] | what a training imports |
//! | `track`, `options`, `launch` | [`Track`]: puts the parts below into a training |
//! | `session`, `trainings`, `per_run`, `guard` | what the parts of a training share: the tracker, the step, the way to stop |
//! | `step_metric`, `rates` | a metric that sees batch, batch size and learning rates |
//! | `logger`, `files` | the metric logger: writes steps and epochs, and Burn's own files |
//! | `global_batch`, `steps` | from batches of any devices to optimizer steps |
//! | `split`, `mean`, `epochs` | from batches to epochs |
//! | `series`, `names` | metrics, their names and definitions |
//! | `progress`, `renderer`, `bars`, `dashboard`, `terminal` | epochs, time, and what a person sees |
//! | `evaluation` | the values of Burn's evaluator |
//! | [`checkpoints`] | checkpoints as artifacts of the run, and what resuming asks of them |
//! | `resume`, `burn_values`, `stopping` | going on from a checkpoint, with all that Burn may ask back |
//! | `reinforcement` | `TrackRl`: reinforcement learning, with the feature `rl` |
//! | `resumable_loader` | [`ResumableLoader`]: the order of an epoch's data, the same after a kill |
//! | `watch`, `start` | [`Watch`]: gradients and weights of a model that trains |
//! | `images` | [`Images`]: pictures in a tensor |
//! | `knobs` | [`KnobRates`]: learning rates that people may change |
//! | `custom_loop` | [`Loop`]: hooks for a training loop of your own |
//! | `compat` | all that the next Burn changes |
//!
//! # Features
//!
//! - `log`, `tracing`: [`messages`](tracker_core::messages) has a logger, or a layer, for what the program says.
//! - `tui`, `rl`: Burn's own features of these names.
//! - `remote`: what `TRACKER_SYNC` or `.sync(..)` names a place for is sent by a thread of the process, without the command
//!   `tracker`, if runs begin by the prelude's `init`; else call `tracker_remote::send_in_process()` first.
//! - `study`: `tracker_study`, which finds the best settings by trying, with its `Study` in the prelude.

mod bars;
mod burn_values;
pub mod checkpoints;
mod compat;
mod custom_loop;
mod dashboard;
mod epochs;
mod evaluation;
mod files;
mod global_batch;
mod guard;
mod images;
mod knobs;
mod launch;
mod logger;
mod mean;
mod missing_items;
mod names;
mod options;
mod per_run;
mod platform;
pub mod prelude;
mod progress;
mod rates;
#[cfg(feature = "rl")]
mod reinforcement;
mod renderer;
mod resumable_loader;
mod resume;
mod series;
mod session;
mod split;
mod start;
mod step_metric;
mod steps;
mod stopping;
mod terminal;
mod track;
mod trainings;
mod watch;

pub use burn;
pub use checkpoints::ResumeError;
pub use custom_loop::{Batches, Epochs, Loop, LoopValue};
pub use images::Images;
pub use knobs::{KnobRates, KnobScheduler, ScaledScheduler};
pub use options::TrackOptions;
#[cfg(feature = "rl")]
pub use reinforcement::TrackRl;
pub use renderer::RunRenderers;
pub use resumable_loader::{OrderedDataset, ResumableLoader};
pub use track::Track;
pub use tracker_core;
pub use tracker_core::adapter::{
    EarlyStopping, Order,
    checkpoints::{CheckpointOptions, Restored},
};
#[cfg(feature = "remote")]
pub use tracker_remote;
#[cfg(feature = "study")]
pub use tracker_study;
pub use watch::{Watch, WatchOptions, Watched, samples};
