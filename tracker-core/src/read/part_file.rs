//! The bytes of a part, read at a position each time.
//!
//! The `parquet` crate's own way moves the cursor of the file, which threads that read the same
//! part at once would share.

use std::{
    io::{self, BufReader, Read},
    ops::Range,
    sync::Arc,
};

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

use crate::format::folder::{Ranged, StorePath, read_exact_at};

/// An open part, whose length never changes.
#[derive(Debug)]
pub(crate) struct PartFile {
    file: Arc<dyn Ranged>,
    len: u64,
}

impl PartFile {
    pub(crate) fn open(place: &StorePath) -> io::Result<Self> {
        let (file, look) = place.open_ranged()?;
        Ok(Self::of(file, look.length))
    }

    /// A part that is open and has so many bytes.
    pub(crate) fn of(file: Arc<dyn Ranged>, len: u64) -> Self {
        Self { file, len }
    }

    /// Says which ranges will be read next. Asks for them only where each read takes a while.
    pub(crate) fn soon(&self, ranges: impl FnOnce() -> Vec<Range<u64>>) {
        if self.file.is_afar() {
            self.file.soon(&ranges());
        }
    }

    /// Reads some bytes at a place; how many.
    pub(crate) fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
        self.file.read_at(bytes, position)
    }
}

impl Length for PartFile {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for PartFile {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(From { file: Arc::clone(&self.file), position: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // A damaged footer may ask for more than there is.
        if start.checked_add(length as u64).is_none_or(|end| end > self.len) {
            return Err(ParquetError::EOF("the file ends before its last page".into()));
        }
        let mut bytes = vec![0; length];
        read_exact_at(&*self.file, &mut bytes, start)?;
        Ok(bytes.into())
    }
}
/// The bytes of a file from a position on.
#[derive(Debug)]
pub(crate) struct From {
    file: Arc<dyn Ranged>,
    position: u64,
}

impl Read for From {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(bytes, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}
