//! Checkpoints: kept as a training goes, and what a resumed one goes on from.

mod header;
mod moment;
mod options;
mod progress;
mod shelf;
mod snapshot;
mod tensor_file;
mod variables;
mod version;

pub use options::CheckpointOptions;
pub(crate) use variables::named_variables;
