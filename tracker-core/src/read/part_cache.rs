//! Parts that have been opened. They never change, so once is enough.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use parquet::errors::{ParquetError, Result};

use crate::{
    format::{
        folder::StorePath,
        layout::{PartName, RunPaths},
    },
    platform::files::is_for_now,
    read::{
        part::Part,
        part_file::PartFile,
        sources::{Covered, list_parts},
    },
};

/// How many parts all readers of this process keep open. Each holds a file, and a process may have
/// 1,024 of them by default.
const MOST_OPEN: usize = 400;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// The parts of one run that have been opened.
#[derive(Debug, Default)]
pub(crate) struct PartCache(Mutex<BTreeMap<PartName, Arc<Part>>>);

impl PartCache {
    /// The part of this name, opened now if it never was.
    pub(crate) fn open(&self, files: &RunPaths, name: PartName) -> Result<Arc<Part>> {
        if let Some(part) = self.0.lock().get(&name) {
            return Ok(Arc::clone(part));
        }
        let (file, stamp) = files.open(&name.place())?;
        let part = Arc::new(Part::of(PartFile::of(file, stamp.length()))?);
        if OPEN.load(Ordering::Relaxed) < MOST_OPEN {
            let replaced = self.0.lock().insert(name, Arc::clone(&part));
            if replaced.is_none() {
                OPEN.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(part)
    }
}

impl Drop for PartCache {
    fn drop(&mut self) {
        OPEN.fetch_sub(self.0.get_mut().len(), Ordering::Relaxed);
    }
}

/// The parts of a run that cannot be opened, and why.
pub(crate) fn damaged_parts(run: &RunPaths) -> Vec<(StorePath, ParquetError)> {
    let mut covered = Covered::default();
    let mut damaged = Vec::new();
    for name in list_parts(run).unwrap_or_default() {
        if covered.has(name) {
            continue;
        }
        let path = run.part(name);
        match Part::open(&path) {
            Ok(_) => covered.add(name),
            Err(error) => damaged.push((path, error)),
        }
    }
    damaged
}

/// Whether a part is whole enough to be read.
///
/// # Errors
/// If that cannot be known now, as when the process has too many files open.
pub(crate) fn is_readable_part(path: &StorePath) -> io::Result<bool> {
    match Part::open(path) {
        Ok(_) => Ok(true),
        Err(ParquetError::External(source)) => match source.downcast::<io::Error>() {
            Ok(error) if is_for_now(&error) => Err(*error),
            _ => Ok(false),
        },
        Err(_) => Ok(false),
    }
}
