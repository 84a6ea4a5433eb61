//! Checkpoints as artifacts of the run: which there are, how good each is, and which one a
//! training can go on from.
//!
//! | part | what |
//! |---|---|
//! | `epoch_history` | what was measured in each epoch |
//! | `part`, `stamp`, `entry`, `index` | the three records of a checkpoint, whether a file is the same, its entry in the index of artifacts |
//! | `checkpoint_folder`, `watch` | the folder of Burn's default checkpointers, and the thread that looks there |
//! | `tracked`, `worker` | [`TrackedCheckpointer`], for checkpointers of your own |
//! | `whole`, `superseded_files`, `plain`, `error` | what resuming asks: [`newest_whole`], [`set_aside`], no links, [`ResumeError`] |

mod checkpoint_folder;
mod entry;
mod epoch_history;
mod error;
mod index;
mod part;
mod plain;
#[cfg(test)]
mod samples;
mod stamp;
mod superseded_files;
mod tracked;
mod watch;
mod whole;
mod worker;

pub(crate) use epoch_history::{EpochHistory, EpochValues, Score};
pub use error::{DamagedFile, Flaw, IncompleteCheckpoint, ResumeError};
pub(crate) use part::Part;
pub use superseded_files::{Moved, set_aside};
pub use tracked::{TrackCheckpoints, TrackedCheckpointer};
pub(crate) use watch::Checkpoints;
pub use whole::{WholeCheckpoint, newest_whole};

/// The folder below the training's own in which Burn's default checkpointers save.
const FOLDER: &str = "checkpoint";
