//! Memory that outlives its process, and what becomes of it in a forked child: the only file of
//! the crate with `unsafe`.

#![expect(unsafe_code, reason = "mapping memory and handling fork are not expressible without it")]

use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    ptr::NonNull,
    sync::{
        Once,
        atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering},
    },
};

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

use crate::{
    format::{
        ring_file::{HEAD_WORD, HEADER_BYTES, TAIL_WORD},
        slot::{SLOT_BYTES, SLOT_WORDS},
    },
    store::ring::RingMemory,
};

/// Touches all pages at once, where the system can.
#[cfg(target_os = "linux")]
const TOUCHED: MapFlags = MapFlags::POPULATE;
#[cfg(not(target_os = "linux"))]
const TOUCHED: MapFlags = MapFlags::empty();

/// Mapped memory in the layout of a ring: a header, then slots.
#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<AtomicU64>,
    slots: usize,
}

// SAFETY: the memory is only reached through atomics, and stays mapped as long as `self` lives.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps a ring of `slots` slots that `file` holds, so that what is stored is in the file,
    /// whatever becomes of this process. All pages are touched beforehand; in memory, no log call
    /// waits for one.
    ///
    /// # Errors
    /// If the file is shorter than such a ring, or the system maps nothing.
    pub(crate) fn of_file(file: &File, slots: usize) -> io::Result<Self> {
        let bytes = Self::bytes(slots);
        if file.metadata()?.len() < bytes as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::SHARED | TOUCHED;
        // SAFETY: a new mapping at an address that the system chooses overlaps nothing. The file
        // is as long as the mapping; only somebody who cuts it later makes access fail.
        let base = unsafe { mmap(std::ptr::null_mut(), bytes, protection, flags, file, 0) }?;
        Self::new(base, slots)
    }

    /// Memory of this process alone, which goes with it.
    ///
    /// # Errors
    /// If the system has no memory.
    pub(crate) fn anonymous(slots: usize) -> io::Result<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | TOUCHED;
        let bytes = Self::bytes(slots);
        // SAFETY: as in `of_file`.
        let base = unsafe { mmap_anonymous(std::ptr::null_mut(), bytes, protection, flags) }?;
        Self::new(base, slots)
    }

    fn new(base: *mut std::ffi::c_void, slots: usize) -> io::Result<Self> {
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { base, slots })
    }

    fn bytes(slots: usize) -> usize {
        HEADER_BYTES + slots * SLOT_BYTES
    }

    fn header(&self) -> &[AtomicU64; HEADER_BYTES / 8] {
        // SAFETY: the mapping begins with the header, on a page and so aligned, holds whatever
        // bits, and lives as long as `self`.
        unsafe { self.base.cast().as_ref() }
    }
}

impl RingMemory for Mapping {
    type Word = AtomicU64;

    fn head(&self) -> &AtomicU64 {
        &self.header()[HEAD_WORD]
    }

    fn tail(&self) -> &AtomicU64 {
        &self.header()[TAIL_WORD]
    }

    fn slots(&self) -> &[[AtomicU64; SLOT_WORDS]] {
        // SAFETY: `slots` slots of four words follow the header, aligned as words are, and live
        // as long as `self`.
        unsafe {
            let first = self.base.add(HEADER_BYTES / 8);
            NonNull::slice_from_raw_parts(first.cast(), self.slots).as_ref()
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn expect_store(&self, place: usize) {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        let slot = &raw const self.slots()[place];
        // SAFETY: a prefetch changes nothing that a program can see, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(slot.cast()) };
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this is the whole mapping, and nobody can hold a reference into it any more.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), Self::bytes(self.slots)) };
        debug_assert!(unmapped.is_ok());
    }
}

/// Numbers in a file that several processes share, for tests that kill one of them.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub struct SharedWords(Mapping);

#[cfg(feature = "testing")]
impl SharedWords {
    /// How long the file must be.
    pub const BYTES: u64 = HEADER_BYTES as u64;

    /// Maps the first [`BYTES`](Self::BYTES) of a file: 512 numbers.
    ///
    /// # Errors
    /// If the file is shorter or cannot be read and written.
    #[expect(clippy::disallowed_methods, reason = "a file of the proof's own")]
    pub fn open(path: &std::path::Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        Mapping::of_file(&file, 0).map(Self)
    }

    /// The number at a place, from 0 to 511.
    pub fn word(&self, index: usize) -> &AtomicU64 {
        &self.0.header()[index]
    }
}

/// Locks that a forked child closes at most; those of more runs at a time stay locked as long as
/// the child lives.
const LOCKS: usize = 256;

static FORKED: AtomicBool = AtomicBool::new(false);

/// The signals that a thread of this process waits for, a bit each.
static SIGNALS: AtomicU64 = AtomicU64::new(0);
static LOCKED_FILES: [AtomicI32; LOCKS] = [const { AtomicI32::new(-1) }; LOCKS];

/// Whether this process was forked from one that had runs. Those runs are the parent's: the
/// threads that store them do not exist here.
pub(crate) fn is_forked_child() -> bool {
    FORKED.load(Ordering::Relaxed)
}

/// A file whose lock goes with this process: forked children close it.
#[derive(Debug)]
pub(crate) struct LockedFile {
    file: File,
}

impl LockedFile {
    pub(crate) fn new(file: File) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // SAFETY: the handler only does what a signal handler may: it uses atomics and calls
            // `close` and `signal`. That it cannot be registered is no error worth a training.
            let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        });
        let fd = file.as_raw_fd();
        let take = |place: &&AtomicI32| {
            place.compare_exchange(-1, fd, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        let _ = LOCKED_FILES.iter().find(take);
        Self { file }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for LockedFile {
    /// Forgets the descriptor before it is closed and becomes another file's.
    fn drop(&mut self) {
        let fd = self.file.as_raw_fd();
        for place in &LOCKED_FILES {
            let _ = place.compare_exchange(fd, -1, Ordering::AcqRel, Ordering::Relaxed);
        }
    }
}

/// Gives a signal back its own effect in forked children, in which nobody waits for it.
pub(crate) fn release_in_children(signal: i32) {
    SIGNALS.fetch_or(1 << signal, Ordering::AcqRel);
}

extern "C" fn in_child() {
    FORKED.store(true, Ordering::Relaxed);
    let signals = SIGNALS.load(Ordering::Acquire);
    for signal in (1..64).filter(|signal| signals >> signal & 1 == 1) {
        // SAFETY: `signal` may be called in a signal handler, and only sets the default effect.
        let _ = unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    for place in &LOCKED_FILES {
        let fd = place.swap(-1, Ordering::AcqRel);
        if fd >= 0 {
            // SAFETY: the file is held by a thread of the parent, which does not exist in the
            // child: nobody else closes or uses this descriptor here.
            let _ = unsafe { libc::close(fd) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn a_file_that_is_too_short_is_not_mapped() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(100).unwrap();
        assert!(Mapping::of_file(&file, 8).is_err());
    }
}
