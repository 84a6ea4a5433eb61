//! Checkpoints of Candle's trainings. When they are saved, which are kept and how they are found again is
//! tracker-core's; what is here goes from variables to files and back.
//!
//! | part | what |
//! |---|---|
//! | `saving` | [`Checkpoints`]: the variables of a training, and who keeps its checkpoints |
//! | `snapshot`, `tensor_file`, `format` | from variables to files |
//! | `restore`, `error` | from files to variables |

mod error;
mod format;
mod restore;
mod saving;
mod snapshot;
mod tensor_file;
#[cfg(test)]
mod tests;

pub use error::RestoreError;
pub(crate) use restore::{load_best, restore};
pub(crate) use saving::Checkpoints;
