//! Tells a slow disk from one that takes nothing.

use std::{
    fs::File,
    io::{self, Write},
    sync::atomic::{AtomicU64, Ordering},
};

/// How many bytes may be on their way to the disk. Without a bound, all of a large file would be
/// written at its end, in one wait without any progress.
const UNSYNCED: u64 = 64 << 20;

/// Counts what a writer has done, for those who wait for it.
#[derive(Debug, Default)]
pub struct Progress(AtomicU64);

impl Progress {
    /// Says that something was done.
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A file that notes each write, and now and then waits for the disk.
#[derive(Debug)]
pub struct WatchedFile<'a> {
    file: File,
    progress: &'a Progress,
    bytes: u64,
    unsynced: u64,
}

impl<'a> WatchedFile<'a> {
    /// Writes to this file.
    pub fn new(file: File, progress: &'a Progress) -> Self {
        Self { file, progress, bytes: 0, unsynced: 0 }
    }

    /// Waits until all is on the disk. Gives the number of bytes.
    ///
    /// # Errors
    /// If the disk does not take them.
    pub fn finish(self) -> io::Result<u64> {
        self.file.sync_all()?;
        self.progress.note();
        Ok(self.bytes)
    }
}

impl Write for WatchedFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.bytes += count as u64;
        self.unsynced += count as u64;
        if self.unsynced >= UNSYNCED {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        self.progress.note();
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
