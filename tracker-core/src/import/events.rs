//! The lines of what is no scalar.

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use sha2::{Digest, Sha256};

use crate::{
    Result,
    error::IoContext,
    format::{event_line::StoredEvent, folder::StorePath},
};

/// The longest line, as of an event that a training logs.
const LONGEST: usize = 8 << 20;

const HINT: &str = "check the disk's free space and the permissions of the store's folder";

/// A file to which lines are added. Making it claims the writer.
#[derive(Debug)]
pub(crate) struct EventFile {
    place: StorePath,
    file: BufWriter<File>,
    hash: Sha256,
    pub(crate) lines: u64,
}

impl EventFile {
    pub(crate) fn create(place: StorePath) -> Result<Self> {
        let file = place.create().io_context("create", &place, HINT)?;
        Ok(Self { place, file: BufWriter::new(file), hash: Sha256::new(), lines: 0 })
    }

    /// Adds an event. `false` if it is longer than any that a reader takes.
    pub(crate) fn add(&mut self, event: &StoredEvent) -> Result<bool> {
        let line = serde_json::to_vec(event).map_err(std::io::Error::from);
        let mut line = line.io_context("write", &self.place, HINT)?;
        if line.len() >= LONGEST {
            return Ok(false);
        }
        line.push(b'\n');
        self.hash.update(&line);
        self.file.write_all(&line).io_context("write", &self.place, HINT)?;
        self.lines += 1;
        Ok(true)
    }

    /// Brings all lines onto the disk, and gives their hash.
    pub(crate) fn finish(mut self) -> Result<Sha256> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.io_context("write", &self.place, HINT)?;
        Ok(self.hash)
    }
}
