#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`prelude`] | what a training imports |
//! | `track`, `options`, `launch` | [`Track`]: puts the parts below into a training |
//! | `session`, `trainings`, `guard` | what the parts of a training share: the tracker, the step, the way to stop |
//! | `probe`, `rates` | a metric that sees batch, batch size and learning rates |
//! | `logger`, `files` | the metric logger: writes steps and epochs, and Burn's own files |
//! | `rounds`, `steps` | from batches of any devices to optimizer steps |
//! | `split`, `mean`, `epochs` | from batches to epochs |
//! | `series`, `names`, `own` | metrics, their names and definitions |
//! | `progress`, `renderer`, `bars`, `dashboard`, `terminal` | epochs, time, and what a person sees |
//! | `evaluation` | the values of Burn's evaluator |
//! | [`checkpoints`] | checkpoints as artifacts of the run, and what resuming asks of them |
//! | `resume`, `reads`, `stopping` | going on from a checkpoint, with all that Burn may ask back |
//! | `watch`, `base` | [`Watch`]: gradients and weights of a model that trains |
//! | `custom_loop` | [`Loop`]: hooks for a training loop of your own |
//! | `compat` | all that the next Burn changes |

mod bars;
mod base;
pub mod checkpoints;
mod compat;
mod custom_loop;
mod dashboard;
mod epochs;
mod evaluation;
mod files;
mod guard;
mod launch;
mod logger;
mod mean;
mod names;
mod options;
mod own;
mod platform;
pub mod prelude;
mod probe;
mod progress;
mod rates;
mod reads;
mod renderer;
mod resume;
mod rounds;
mod series;
mod session;
mod split;
mod steps;
mod stopping;
mod terminal;
mod track;
mod trainings;
mod watch;

pub use burn;
pub use checkpoints::ResumeError;
pub use custom_loop::{Batches, Epochs, Loop};
pub use options::TrackOptions;
pub use renderer::RunRenderers;
pub use track::Track;
pub use tracker_core;
pub use watch::{Watch, WatchOptions, Watched};
