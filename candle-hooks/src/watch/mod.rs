//! Gradients and weights of a model while it trains.
//!
//! ```text
//! before the step: gradients, weights ─┬─ host: summed where they lie ─────────┐
//!                                      └─ reduce: one short row on the device ─┤
//! after the step: how far the weights moved ───────────────────────────────────┴─► sample ─► log
//! ```
//!
//! | module | what |
//! |---|---|
//! | `watcher` | [`Watcher`]: looks at the variables before and after a step |
//! | `moments`, `bins` | the statistics of a tensor on the CPU |
//! | `reduce` | the same on a device, by tensor operations |
//! | `flight` | [`Flight`]: what each of the last steps did |
//! | `rows` | what one step makes on each device, to be read as one |
//! | `sample` | [`Sample`]: one step in numbers, as soon as they have arrived |
//!
//! The options, the names of the metrics and what is written of a tensor are those of all adapters:
//! [`tracker_core::adapter`].

mod bins;
mod flight;
mod moments;
mod reduce;
mod rows;
mod sample;
#[cfg(test)]
mod tests;
mod watcher;

pub(crate) use flight::Flight;
pub(crate) use sample::Sample;
pub use tracker_core::adapter::WatchOptions;
pub(crate) use watcher::{Before, Watcher};
