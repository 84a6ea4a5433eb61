//! The state behind the hooks: which step, which epoch, what waits for its values.
//!
//! | module | what |
//! |---|---|
//! | `state` | [`Session`]: all of the state, and how it is set up |
//! | `values` | takes losses, answers and metrics; logs what has arrived |
//! | `steps` | from one step of an optimizer to the next |
//! | `batches`, `epochs`, `scopes` | what the wrapped parts of a loop tell |
//! | `checkpoints` | checkpoints, and going on from one |
//! | `watching` | gradients and weights that are looked at now and then |
//! | `clock` | how long a step takes |
//! | `checkpoint_state`, `iterator_id`, `open_epoch`, `role`, `watched` | parts of the state |

mod batches;
mod checkpoint_state;
mod checkpoints;
mod clock;
mod epochs;
mod iterator_id;
mod open_epoch;
mod role;
mod scopes;
mod state;
mod steps;
mod values;
mod watched;
mod watching;

pub(crate) use checkpoint_state::RestoredOptimizer;
pub(crate) use iterator_id::IteratorId;
pub(crate) use open_epoch::End;
pub(crate) use role::Role;
pub(crate) use scopes::OpenScope;
pub(crate) use state::Session;
pub(crate) use watched::DueWatch;
