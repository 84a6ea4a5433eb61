//! Memory of this process. None outlives it: mapping a file is not the standard library's.

use std::{fs::File, io, sync::atomic::AtomicU64};

/// There is no folder of memory that other processes can see.
pub(crate) const SHARED_FOLDER: Option<&str> = None;

/// Words that several threads share.
#[derive(Debug)]
pub(crate) struct Memory(Box<[AtomicU64]>);

impl Memory {
    /// # Errors
    /// Always.
    pub(crate) fn of_file(_: &File, _: usize) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Memory of this process alone, which goes with it. All of it is written once, so that no log
    /// call waits for a page.
    ///
    /// # Errors
    /// If the system has no memory.
    pub(crate) fn anonymous(words: usize) -> io::Result<Self> {
        let mut memory = Vec::new();
        memory.try_reserve_exact(words).map_err(|_| io::ErrorKind::OutOfMemory)?;
        memory.resize_with(words, AtomicU64::default);
        Ok(Self(memory.into_boxed_slice()))
    }

    /// All words.
    #[inline]
    pub(crate) fn words(&self) -> &[AtomicU64] {
        &self.0
    }
}

/// Fetches nothing ahead.
#[inline]
pub(crate) fn expect_store(_: &AtomicU64) {}
