//! Checkpoints as safetensors files.

use std::{collections::HashMap, path::Path};

use tracker_core::adapter::checkpoints::{CheckpointFormat, Opened, Part, Progress};

use super::{
    snapshot::Snapshot,
    tensor_file::{self, TensorFile},
};

/// Checkpoints as safetensors files.
#[derive(Debug)]
pub(crate) struct Safetensors;

impl CheckpointFormat for Safetensors {
    type Snapshot = Snapshot;
    type File = TensorFile;

    const SUFFIX: &'static str = ".safetensors";

    fn has_optimizer(snapshot: &Snapshot) -> bool {
        !snapshot.optimizer.is_empty()
    }

    fn write(
        snapshot: &Snapshot,
        part: Part,
        path: &Path,
        strings: HashMap<String, String>,
        progress: &Progress,
    ) -> Result<(), String> {
        let tensors = match part {
            Part::Optimizer => &snapshot.optimizer,
            Part::Model => &snapshot.model,
        };
        let tensors = tensors.iter().map(|(name, tensor)| (&**name, tensor)).collect();
        tensor_file::write(path, tensors, strings, progress).map_err(|error| error.to_string())
    }

    fn open(path: &Path, _: Part) -> Result<Opened<TensorFile>, String> {
        let file = TensorFile::open(path).map_err(|error| error.to_string())?;
        let strings = file.strings();
        Ok(Opened { file, strings })
    }
}
