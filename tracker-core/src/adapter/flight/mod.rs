//! The flight recorder: what each of the last steps did to each tensor, in memory, to be stored when
//! something goes wrong.
//!
//! ```text
//! before the step: adapter looks at some blocks of each tensor ─► recorder: a row, 512 of them
//! a rule, a value that is not finite, `tracker flight`, a failure ─► Event::Flight: tables, an alert
//! ```
//!
//! | module | what |
//! |---|---|
//! | `batch_samples` | [`BatchSamples`]: which samples a step is taken with |
//! | `blocks` | [`Blocks`]: which values of a tensor are looked at |
//! | `plan` | how many of each, and how often |
//! | `pace` | keeps the cost within a share of the steps |
//! | `seen_weights` | [`SeenWeights`]: what a step did to the weights of a tensor |
//! | `recorder` | [`FlightRecorder`]: the rows, and when they are handed over |

mod batch_samples;
mod blocks;
mod pace;
mod plan;
mod recorder;
mod seen_weights;

pub use batch_samples::BatchSamples;
pub use blocks::Blocks;
pub use plan::TensorBlocks;
pub use recorder::{FlightLook, FlightRecorder};
pub use seen_weights::{SeenWeights, WeightLook};
