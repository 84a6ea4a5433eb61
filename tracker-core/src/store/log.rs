//! The log that a writer thread appends to.

use std::{fs::File, io};

use crate::{
    fault::Fault,
    format::{
        folder::StorePath, layout::LivePaths, log_file::MOST_BYTES, log_header::LogHeader,
        slot::SLOT_BYTES,
    },
    store::own_file::{OwnFile, Part},
};

/// An open log.
#[derive(Debug)]
pub(crate) struct Log {
    file: OwnFile,
    first: u64,
    slots: u64,
    points: u64,
}

impl Log {
    /// Creates the log that begins at `header.first`. It may take the place of an empty log, whose
    /// names it repeats.
    pub(crate) fn create(live: &LivePaths, header: &LogHeader) -> io::Result<Self> {
        let file = OwnFile::create(live.log(header.first), &header.encode())?;
        Ok(Self { file, first: header.first, slots: 0, points: 0 })
    }

    /// The same log, after its folder has been renamed to `live`.
    pub(crate) fn moved_to(self, live: &LivePaths) -> Self {
        Self { file: self.file.moved_to(live.log(self.first)), ..self }
    }

    /// Appends whole slots, as many as the disk takes.
    pub(crate) fn append(&mut self, slots: &[u8]) -> Result<(), Part> {
        let written =
            self.file.append_records(slots, |bytes| bytes.len() / SLOT_BYTES * SLOT_BYTES);
        let bytes = written.as_ref().map_or_else(|part| part.bytes, |()| slots.len());
        self.slots += (bytes / SLOT_BYTES) as u64;
        written
    }

    /// Says how many of the slots appended last are points.
    pub(crate) fn count_points(&mut self, points: u64) {
        self.points += points;
    }

    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// How many slots it holds.
    pub(crate) fn slots(&self) -> u64 {
        self.slots
    }

    /// How many of them are points.
    pub(crate) fn points(&self) -> u64 {
        self.points
    }

    pub(crate) fn path(&self) -> &StorePath {
        self.file.path()
    }

    /// All its bytes, also after somebody has removed its file.
    pub(crate) fn contents(&self) -> io::Result<Vec<u8>> {
        if Fault::FilesNotKept.is_planted() {
            return Ok(self.path().read(MOST_BYTES).unwrap_or_default());
        }
        self.file.contents()
    }

    /// Whether its file is where readers look for it.
    pub(crate) fn is_in_place(&self) -> bool {
        self.file.is_in_place()
    }

    /// Writes its file again where it is gone.
    pub(crate) fn restore(&mut self) -> io::Result<()> {
        self.file.restore()
    }

    /// The file itself, to keep it in its place.
    pub(crate) fn file(&mut self) -> &mut OwnFile {
        &mut self.file
    }

    /// A second handle, to sync the file from another thread.
    pub(crate) fn handle(&self) -> io::Result<File> {
        self.file.handle()
    }
}
