//! Memory that outlives its process, and memory that does not.

#![expect(unsafe_code, reason = "mapping memory is not expressible without it")]

use std::{fs::File, io, ptr::NonNull, sync::atomic::AtomicU64};

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

/// Touches all pages at once, where the system can.
#[cfg(target_os = "linux")]
const TOUCHED: MapFlags = MapFlags::POPULATE;
#[cfg(not(target_os = "linux"))]
const TOUCHED: MapFlags = MapFlags::empty();

/// The folder of memory that every process of the machine can see; `None` where there is none.
pub(crate) const SHARED_FOLDER: Option<&str> =
    if cfg!(target_os = "linux") { Some("/dev/shm") } else { None };

/// Words that several threads and processes share.
#[derive(Debug)]
pub(crate) struct Memory {
    base: NonNull<AtomicU64>,
    words: usize,
}

// SAFETY: the memory is only reached through atomics, and stays mapped as long as `self` lives.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// Maps the first words of a file, so that what is stored is in the file, whatever becomes of this
    /// process. All pages are touched beforehand; in memory, no log call waits for one.
    ///
    /// # Errors
    /// If the file is shorter, or the system maps nothing.
    pub(crate) fn of_file(file: &File, words: usize) -> io::Result<Self> {
        let bytes = words * size_of::<AtomicU64>();
        if file.metadata()?.len() < bytes as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::SHARED | TOUCHED;
        // SAFETY: a new mapping at an address that the system chooses overlaps nothing. The file
        // is as long as the mapping; only somebody who cuts it later makes access fail.
        let base = unsafe { mmap(std::ptr::null_mut(), bytes, protection, flags, file, 0) }?;
        Self::new(base, words)
    }

    /// Memory of this process alone, which goes with it.
    ///
    /// # Errors
    /// If the system has no memory.
    pub(crate) fn anonymous(words: usize) -> io::Result<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | TOUCHED;
        let bytes = words * size_of::<AtomicU64>();
        // SAFETY: as in `of_file`.
        let base = unsafe { mmap_anonymous(std::ptr::null_mut(), bytes, protection, flags) }?;
        Self::new(base, words)
    }

    fn new(base: *mut std::ffi::c_void, words: usize) -> io::Result<Self> {
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { base, words })
    }

    /// All words.
    #[inline]
    pub(crate) fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping holds so many words, whatever their bits, begins on a page and so
        // aligned, and lives as long as `self`.
        unsafe { NonNull::slice_from_raw_parts(self.base, self.words).as_ref() }
    }
}

/// Fetches the cache line of a word that is about to be written.
#[inline]
pub(crate) fn expect_store(word: &AtomicU64) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        // SAFETY: a prefetch changes nothing that a program can see, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>((&raw const *word).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = word;
}

impl Drop for Memory {
    fn drop(&mut self) {
        let bytes = self.words * size_of::<AtomicU64>();
        // SAFETY: this is the whole mapping, and nobody can hold a reference into it any more.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), bytes) };
        debug_assert!(unmapped.is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_short_is_not_mapped() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(100).unwrap();
        assert!(Memory::of_file(&file, 13).is_err());
        assert!(Memory::of_file(&file, 12).is_ok());
    }
}
