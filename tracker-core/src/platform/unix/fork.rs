//! What becomes of runs in a forked child: they are the parent's.

#![expect(unsafe_code, reason = "handling fork is not expressible without it")]

use std::{
    fs::File,
    os::fd::AsRawFd,
    sync::{
        Once,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
};

use super::signal;

/// Locks that a forked child closes at most; those of more runs at a time stay locked as long as
/// the child lives.
const LOCKS: usize = 256;

static FORKED: AtomicBool = AtomicBool::new(false);
static LOCKED_FILES: [AtomicI32; LOCKS] = [const { AtomicI32::new(-1) }; LOCKS];

/// Whether this process was forked from one that had runs. Those runs are the parent's: the
/// threads that store them do not exist here, and a lock may be one that nobody gives back.
#[inline]
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
            // `close` and `sigaction`. That it cannot be registered is no error worth a training.
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

extern "C" fn in_child() {
    FORKED.store(true, Ordering::Relaxed);
    signal::release();
    for place in &LOCKED_FILES {
        let fd = place.swap(-1, Ordering::AcqRel);
        if fd >= 0 {
            // SAFETY: the file is held by a thread of the parent, which does not exist in the
            // child: nobody else closes or uses this descriptor here.
            let _ = unsafe { libc::close(fd) };
        }
    }
}
