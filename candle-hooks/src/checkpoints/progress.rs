//! Tells a slow disk from one that takes nothing.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicU64, Ordering},
};

/// Counts what a writer has done, for those who wait for it.
#[derive(Debug, Default)]
pub(crate) struct Progress(AtomicU64);

impl Progress {
    /// Says that something was done.
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Passes bytes on, counts them, and notes each write.
#[derive(Debug)]
pub(crate) struct Counted<'a, W> {
    inner: W,
    progress: &'a Progress,
    pub(crate) bytes: u64,
}

impl<'a, W> Counted<'a, W> {
    pub(crate) fn new(inner: W, progress: &'a Progress) -> Self {
        Self { inner, progress, bytes: 0 }
    }
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.progress.note();
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
