//! Training loops of one's own, without a learner.
//!
//! | module | what |
//! |---|---|
//! | `hooks` | [`Loop`], what a training loop holds |
//! | `batches` | goes over a data loader |
//! | `state` | the recorder behind them, and the evaluation that is open |
//! | `values` | what can be handed over |
//! | `readings` | brings it from the device |
//! | `saving`, `record_files` | checkpoints, and going on from one |

mod batches;
mod hooks;
mod readings;
mod record_files;
mod saving;
mod state;
mod values;

pub use batches::Batches;
pub use hooks::Loop;
#[cfg(feature = "rl")]
pub(crate) use readings::Readings;
pub use values::LoopValue;

/// Goes over epochs; see [`Loop::epochs`].
pub type Epochs<I> = tracker_core::adapter::recorder::Epochs<Loop, I>;
