//! Parts that have been opened. They never change, so once is enough.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use parking_lot::Mutex;
use parquet::errors::Result;

use crate::{
    format::layout::{PartName, RunPaths},
    read::{Row, part},
    summary::Accumulator,
};

/// The parts of one run that have been opened.
#[derive(Debug, Default)]
pub(crate) struct PartCache(Mutex<BTreeMap<PartName, Arc<Part>>>);

impl PartCache {
    /// The part of this name, opened now if it never was.
    pub(crate) fn open(&self, run: &RunPaths, name: PartName) -> Result<Arc<Part>> {
        if let Some(part) = self.0.lock().get(&name) {
            return Ok(Arc::clone(part));
        }
        let part = Arc::new(Part::open(run.part(name))?);
        self.0.lock().insert(name, Arc::clone(&part));
        Ok(part)
    }
}

#[derive(Debug)]
pub(crate) struct Part(PathBuf);

impl Part {
    fn open(path: PathBuf) -> Result<Self> {
        std::fs::File::open(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn rows(&self, only: Option<&str>) -> Result<BTreeMap<String, Vec<Row>>> {
        part::rows(&self.0, only)
    }

    pub(crate) fn summaries(&self) -> Result<BTreeMap<String, Accumulator>> {
        part::summary(&self.0)
    }
}
