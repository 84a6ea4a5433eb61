//! Checkpoints of a loop as Burn's own files, which `load_file` of a module reads.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write as _,
    path::{Path, PathBuf},
};

use burn::{module::Module, optim::ModuleOptimizer, tensor::Bytes};
use burn_pack::{Error, Reader, Writer};
use tracker_core::adapter::checkpoints::{
    self, CheckpointFormat, Opened, Part, Progress, WatchedFile,
};

/// How many bytes are given to the disk at a time.
const CHUNK: usize = 1 << 20;

/// Checkpoints as Burn's own files.
#[derive(Debug)]
pub(crate) struct RecordFiles;

/// A copy of a training in memory: the contents of its files, but for what describes them.
#[derive(Debug)]
pub(crate) struct Snapshot {
    model: Bytes,
    /// `None` of an optimizer that remembers nothing.
    optimizer: Option<Bytes>,
}

impl Snapshot {
    /// Reads all of a training from its device.
    ///
    /// # Errors
    /// What Burn says of a record that it cannot write.
    pub(crate) fn take<M: Module>(model: &M, optimizer: &ModuleOptimizer) -> Result<Self, String> {
        let model = model.clone().into_record().into_bytes();
        let record = optimizer.to_record();
        let optimizer = (!record.is_empty()).then(|| record.into_bytes()).transpose();
        Ok(Self {
            model: model.map_err(|error| error.to_string())?,
            optimizer: optimizer.map_err(|error| error.to_string())?,
        })
    }
}

impl CheckpointFormat for RecordFiles {
    type Snapshot = Snapshot;
    /// Where it is: Burn opens it by its path.
    type File = PathBuf;

    const SUFFIX: &'static str = ".bpk";

    fn has_optimizer(snapshot: &Snapshot) -> bool {
        snapshot.optimizer.is_some()
    }

    fn write(
        snapshot: &Snapshot,
        part: Part,
        path: &Path,
        strings: HashMap<String, String>,
        progress: &Progress,
    ) -> Result<(), String> {
        let record = match part {
            Part::Model => Some(&snapshot.model),
            Part::Optimizer => snapshot.optimizer.as_ref(),
        };
        let record = record.ok_or("there is nothing to write")?;
        let bytes = described(record, strings).map_err(|error| error.to_string())?;
        let written = checkpoints::create(path).and_then(|file| {
            let mut file = WatchedFile::new(file, progress);
            bytes.chunks(CHUNK).try_for_each(|chunk| file.write_all(chunk))?;
            file.finish()
        });
        written.map(drop).map_err(|error| error.to_string())
    }

    fn open(path: &Path, part: Part) -> Result<Opened<PathBuf>, String> {
        // Not by Burn before it is known to be a plain file.
        checkpoints::open(path).map_err(|error| error.to_string())?;
        let reader = Reader::from_file_exact(path).map_err(|error| error.to_string())?;
        let strings: BTreeMap<String, String> = reader.metadata().clone();
        part_record(part).check(path)?;
        Ok(Opened { file: path.to_owned(), strings: strings.into_iter().collect() })
    }
}

fn part_record(part: Part) -> crate::checkpoints::Part {
    match part {
        Part::Model => crate::checkpoints::Part::Model,
        Part::Optimizer => crate::checkpoints::Part::Optimizer,
    }
}

/// A record with the strings that describe it. Burn keeps the paths of parameters there too, under their
/// numbers.
fn described(record: &Bytes, strings: HashMap<String, String>) -> Result<Bytes, Error> {
    let reader = Reader::from_bytes(record.clone())?;
    let (scalars, metadata) = (reader.scalars().clone(), reader.metadata().clone());
    let mut writer = Writer::new(reader.into_tensors()?);
    for (name, scalar) in scalars {
        writer = writer.with_scalar(&name, scalar);
    }
    for (name, text) in metadata.into_iter().chain(strings) {
        writer = writer.with_metadata(&name, &text);
    }
    writer.into_bytes()
}
