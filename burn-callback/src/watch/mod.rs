//! Gradients and weights of a model while it trains.
//!
//! ```text
//! optimizer step ─ learner ─► walk ─ reduce ─► one small tensor     training thread
//!                                                │ a short queue
//!                                          sample ─ writer ─► points, histograms
//! ```
//!
//! | module | what |
//! |---|---|
//! | `watched`, `learner` | [`Watched`]: a module around the model, and how it trains |
//! | `parameters` | goes over the parameters that are watched |
//! | `walk` | reduces each, and the gradient that belongs to it |
//! | `reduce` | all that is said of one tensor, computed where the tensor is |
//! | `sample` | the tensor of one step, on its way back from the device |
//! | `watcher`, `writer` | the queue and the thread behind it |
//! | `flight`, `flights` | what each of the last steps did, kept in case that something goes wrong |
//! | `clock` | the time between optimizer steps |
//! | `guard` | keeps our panics from training |
//!
//! The options, the names of the metrics and what is written of a tensor are those of all adapters:
//! [`tracker_core::adapter`].

mod clock;
mod flight;
mod flights;
mod guard;
mod learner;
mod parameters;
mod reduce;
mod sample;
mod walk;
mod watched;
mod watcher;
mod writer;

pub use flights::samples;
pub(crate) use guard::guarded;
pub use tracker_core::adapter::WatchOptions;
pub(crate) use walk::Gradients;
pub use watched::{Watch, Watched};
pub(crate) use watcher::{Replica, Watcher, drain};
