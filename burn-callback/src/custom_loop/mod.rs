//! Training loops of one's own, without a learner.
//!
//! | module | what |
//! |---|---|
//! | `hooks` | [`Loop`], what a training loop holds |
//! | `epochs`, `batches` | what goes around the parts of a loop |
//! | `state` | the state behind them: steps, epochs, order |
//! | `step_values` | what was measured of a batch, on its way from the device |
//! | `metric_writer` | names, points and the means of an epoch |

mod batches;
mod epochs;
mod hooks;
mod metric_writer;
mod state;
mod step_values;

pub use batches::Batches;
pub use epochs::Epochs;
pub use hooks::Loop;
