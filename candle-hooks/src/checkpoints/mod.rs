//! Checkpoints: kept as a training goes, and what a resumed one goes on from.
//!
//! | part | what |
//! |---|---|
//! | `options`, `training_state` | when one is saved and which are kept; what is known then |
//! | `manager`, `handoff`, `writer_thread` | the training's side, the hand-over, the thread's side |
//! | `variables`, `snapshot`, `tensor_file`, `header`, `atomic_write`, `plain`, `progress` | from variables to files |
//! | `version`, `index`, `retention` | names, what the run knows, what is kept and what is best |
//! | `search`, `restore`, `restored`, `error` | what a resumed training goes on from |
//! | `problem` | words for what fails |

mod atomic_write;
mod error;
mod handoff;
mod header;
mod index;
mod manager;
mod options;
mod plain;
mod problem;
mod progress;
mod restore;
mod restored;
mod retention;
mod search;
mod snapshot;
mod tensor_file;
#[cfg(test)]
mod tests;
mod training_state;
mod variables;
mod version;
mod writer_thread;

pub use error::RestoreError;
pub(crate) use manager::CheckpointManager;
pub use options::CheckpointOptions;
pub(crate) use restore::restore;
pub use restored::Restored;
pub(crate) use training_state::TrainingState;
pub(crate) use variables::named_variables;

/// The folder for checkpoints among the run's own files.
const FOLDER: &str = "checkpoint";
