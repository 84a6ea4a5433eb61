//! Memory in the layout of a ring: a header, then slots.

use std::{fs::File, io, sync::atomic::AtomicU64};

use crate::{
    format::{
        ring_file::{HEAD_WORD, HEADER_BYTES, TAIL_WORD},
        slot::{SLOT_BYTES, SLOT_WORDS},
    },
    platform::memory::{self, Memory},
    store::ring::RingMemory,
};

const HEADER_WORDS: usize = HEADER_BYTES / 8;

/// Memory of a ring, in a file or of this process alone.
#[derive(Debug)]
pub(crate) struct Mapping(Memory);

impl Mapping {
    /// A ring of `slots` slots that `file` holds, so that what is stored is in the file, whatever
    /// becomes of this process.
    ///
    /// # Errors
    /// If the file is shorter than such a ring, or the system maps nothing.
    pub(crate) fn of_file(file: &File, slots: usize) -> io::Result<Self> {
        Memory::of_file(file, Self::words(slots)).map(Self)
    }

    /// Memory of this process alone, which goes with it.
    ///
    /// # Errors
    /// If the system has no memory.
    pub(crate) fn anonymous(slots: usize) -> io::Result<Self> {
        Memory::anonymous(Self::words(slots)).map(Self)
    }

    fn words(slots: usize) -> usize {
        HEADER_WORDS + slots * SLOT_BYTES / 8
    }
}

impl RingMemory for Mapping {
    type Word = AtomicU64;

    fn head(&self) -> &AtomicU64 {
        &self.0.words()[HEAD_WORD]
    }

    fn tail(&self) -> &AtomicU64 {
        &self.0.words()[TAIL_WORD]
    }

    #[inline]
    fn slots(&self) -> &[[AtomicU64; SLOT_WORDS]] {
        self.0.words()[HEADER_WORDS..].as_chunks().0
    }

    #[inline]
    fn expect_store(&self, place: usize) {
        memory::expect_store(&self.slots()[place][0]);
    }
}

#[cfg(test)]
mod tests {
    use crate::store::ring::Ring;

    #[test]
    fn what_is_stored_in_mapped_memory_is_in_the_file() {
        use crate::format::{ring_file::RingFile, slot::Slot};
        let folder = tempfile::tempdir().unwrap();
        let (mapping, path) = crate::store::ring_memory::tests::mapped(folder.path(), 8);
        let ring = Ring::new(mapping);
        let slot = Slot { step: 7, time: 8, value: 9, key: 1 };
        ring.store(ring.reserve(1).unwrap().first, &slot);
        let read = RingFile::open(&path).unwrap();
        assert_eq!(read.read(read.state().unwrap().open).unwrap(), [(0, Some(slot))]);
    }
}
