//! Numbers in a file that several processes share, for tests that kill one of them.

use std::{fs::File, io, path::Path, sync::atomic::AtomicU64};

use crate::platform::mapped_memory::Memory;

const WORDS: usize = 512;

/// 512 numbers in a file: what a process stores in them is there when it is killed.
#[derive(Debug)]
pub struct SharedWords(Memory);

impl SharedWords {
    /// How long the file must be.
    pub const BYTES: u64 = (WORDS * size_of::<AtomicU64>()) as u64;

    /// Maps the first [`BYTES`](Self::BYTES) of a file.
    ///
    /// # Errors
    /// If the file is shorter or cannot be read and written.
    #[expect(clippy::disallowed_methods, reason = "a file of the proof's own")]
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        Memory::of_file(&file, WORDS).map(Self)
    }

    /// The number at a place, from 0 to 511.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn word(&self, place: usize) -> &AtomicU64 {
        &self.0.words()[place]
    }
}
