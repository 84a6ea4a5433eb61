//! The log that a writer thread appends to.

use std::{fs::File, io, os::unix::fs::FileExt};

use crate::format::{
    folder::StorePath, layout::LivePaths, log_header::LogHeader, slot::SLOT_BYTES,
};

/// An open log. Appending is idempotent: what failed half-way is written again in its place.
#[derive(Debug)]
pub(crate) struct Log {
    file: File,
    path: StorePath,
    first: u64,
    slots: u64,
    end: u64,
}

impl Log {
    /// Creates the log that begins at `header.first`.
    pub(crate) fn create(live: &LivePaths, header: &LogHeader) -> io::Result<Self> {
        let path = live.log(header.first);
        // Whole or not at all: it may take the place of an empty log, whose names it repeats.
        let unborn = path.sibling(format!("{}.new", path.name()));
        let file = unborn.create_anew()?;
        let head = header.encode();
        file.write_all_at(&head, 0)?;
        unborn.rename_to(&path)?;
        Ok(Self { file, path, first: header.first, slots: 0, end: head.len() as u64 })
    }

    /// The same log, after its folder has been renamed to `live`.
    pub(crate) fn moved_to(self, live: &LivePaths) -> Self {
        Self { path: live.log(self.first), ..self }
    }

    /// Appends whole slots.
    pub(crate) fn append(&mut self, slots: &[u8]) -> io::Result<()> {
        self.file.write_all_at(slots, self.end)?;
        self.end += slots.len() as u64;
        self.slots += (slots.len() / SLOT_BYTES) as u64;
        Ok(())
    }

    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// How many slots it holds.
    pub(crate) fn slots(&self) -> u64 {
        self.slots
    }

    pub(crate) fn path(&self) -> &StorePath {
        &self.path
    }

    /// A second handle, to sync the file from another thread.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}
