//! What a framework writes into the files of a checkpoint, and reads from them.

use std::{collections::HashMap, fmt::Debug, path::Path};

use crate::adapter::checkpoints::{progress::Progress, version::Part};

/// What a framework writes into the files of a checkpoint, and reads from them.
pub trait CheckpointFormat: Debug + Send + 'static {
    /// A copy of a training as it stands, for another thread to write.
    type Snapshot: Debug + Send + 'static;
    /// A file that was opened.
    type File;

    /// How the names of the files end, such as `.safetensors`.
    const SUFFIX: &'static str;

    /// Whether there is anything that optimizers remember.
    fn has_optimizer(snapshot: &Self::Snapshot) -> bool;

    /// Writes a part with the strings that describe it, and waits until it is on the disk. `progress` is
    /// to be told of what is done, so that a slow disk is not taken for a dead one.
    ///
    /// # Errors
    /// If it cannot be written, in words.
    fn write(
        snapshot: &Self::Snapshot,
        part: Part,
        path: &Path,
        strings: HashMap<String, String>,
        progress: &Progress,
    ) -> Result<(), String>;

    /// Opens a file that may come from anybody.
    ///
    /// # Errors
    /// If it is none of this format, or not whole, in words.
    fn open(path: &Path, part: Part) -> Result<Opened<Self::File>, String>;
}

/// A file of a checkpoint, with the strings that describe it.
#[derive(Debug)]
pub struct Opened<F> {
    /// The file.
    pub file: F,
    /// What it says of itself.
    pub strings: HashMap<String, String>,
}
