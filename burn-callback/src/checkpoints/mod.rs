//! Checkpoints as artifacts of the run: which there are, how good each is, and which one a
//! training can go on from.
//!
//! | part | what |
//! |---|---|
//! | `book` | what was measured in each epoch |
//! | `part`, `stamp`, `entry`, `index` | the three records of a checkpoint, whether a file is the same, its entry in the index of artifacts |
//! | `shelf`, `watch` | the folder of Burn's default checkpointers, and the thread that looks there |
//! | `tracked`, `worker` | [`TrackedCheckpointer`], for checkpointers of your own |
//! | `whole`, `aside`, `plain`, `error` | what resuming asks: [`newest_whole`], [`set_aside`], no links, [`ResumeError`] |

mod aside;
mod book;
mod entry;
mod error;
mod index;
mod part;
mod plain;
#[cfg(test)]
mod samples;
mod shelf;
mod stamp;
mod tracked;
mod watch;
mod whole;
mod worker;

pub use aside::{Moved, set_aside};
pub(crate) use book::{EpochBook, EpochValues, Score};
pub use error::{DamagedFile, Flaw, IncompleteCheckpoint, ResumeError};
pub use tracked::{TrackCheckpoints, TrackedCheckpointer};
pub(crate) use watch::Checkpoints;
pub use whole::{WholeCheckpoint, newest_whole};

/// The folder below the training's own in which Burn's default checkpointers save.
const FOLDER: &str = "checkpoint";
