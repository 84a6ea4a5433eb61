//! Checkpoints: kept as a training goes, and what a resumed one goes on from.
//!
//! | part | what |
//! |---|---|
//! | `options`, `moment` | when one is saved and which are kept; what is known then |
//! | `keeper`, `desk`, `clerk` | the training's side, the hand-over, the thread's side |
//! | `variables`, `snapshot`, `tensor_file`, `header`, `pair`, `plain`, `progress` | from variables to files |
//! | `version`, `index`, `shelf` | names, what the run knows, what is kept and what is best |
//! | `search`, `restore`, `restored`, `error` | what a resumed training goes on from |
//! | `problem` | words for what fails |

mod clerk;
mod desk;
mod error;
mod header;
mod index;
mod keeper;
mod moment;
mod options;
mod pair;
mod plain;
mod problem;
mod progress;
mod restore;
mod restored;
mod search;
mod shelf;
mod snapshot;
mod tensor_file;
#[cfg(test)]
mod tests;
mod variables;
mod version;

pub use error::RestoreError;
pub(crate) use keeper::Checkpoints;
pub(crate) use moment::Moment;
pub use options::CheckpointOptions;
pub(crate) use restore::restore;
pub use restored::Restored;
pub(crate) use variables::named_variables;

/// The folder for checkpoints among the run's own files.
const FOLDER: &str = "checkpoint";
