//! What Candle adds to the recorder of a training: tensors, optimizers, checkpoints, watched models.
//!
//! | module | what |
//! |---|---|
//! | `state` | [`Session`]: all of the state, and what follows from what the recorder tells |
//! | `values` | takes losses and metrics that are tensors |
//! | `gradients` | the norms of gradients, where they are due |
//! | `checkpoints`, `checkpoint_state` | checkpoints, and going on from one |
//! | `watching`, `watched` | gradients and weights that are looked at now and then |
//! | `flights` | what each step did, and with which samples |

mod checkpoint_state;
mod checkpoints;
mod flights;
mod gradients;
mod state;
mod values;
mod watched;
mod watching;

pub(crate) use checkpoint_state::RestoredOptimizer;
pub(crate) use state::Session;
pub(crate) use values::single;
pub(crate) use watched::{DueFlight, DueWatch, WatchSource};
