#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`prelude`] | what a training imports |
//! | `track` | [`Track`]: puts the parts below into a training |
//! | `session` | what the parts share: the tracker, the step, the way to stop |
//! | `panics` | lets the run go when the user's code panics |
//! | `probe` | a metric that sees step, batch size and learning rate |
//! | `logger` | the metric logger: writes steps and epochs |
//! | `split`, `mean` | from batches to steps and epochs |
//! | `series`, `names` | metrics, their names and definitions |
//! | `reads` | what early stopping and checkpoints ask back |
//! | `progress`, `bars`, `terminal` | epochs, time, and what a person sees |
//! | `watch` | [`Watch`]: gradients and weights of a model that trains |
//! | `custom_loop` | [`Loop`]: hooks for a training loop of one's own |
//! | `base` | the step at which a training begins in its run |

mod bars;
mod base;
mod custom_loop;
mod logger;
mod mean;
mod names;
mod panics;
pub mod prelude;
mod probe;
mod progress;
mod reads;
mod series;
mod session;
mod split;
mod terminal;
mod track;
mod watch;

pub use burn;
pub use custom_loop::{Batches, Epochs, Loop};
pub use track::Track;
pub use tracker_core;
pub use watch::{Watch, WatchOptions, Watched};
