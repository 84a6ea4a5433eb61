//! What the standard library alone can do, on any system.
//!
//! What that costs: no memory outlives the process, so that a kill takes what the last milliseconds
//! logged; nobody hears signals; a folder is held by its path, and an entry looked at before it is
//! opened, so that somebody who swaps it in between is not noticed; files have no number, so that
//! one that takes another's place is known by its length and time alone.

use std::fs::File;

pub(crate) mod family;
pub(crate) mod files;
pub(crate) mod kernel_file;
pub(crate) mod machine;
pub(crate) mod memory;
pub(crate) mod output;
pub(crate) mod signal;

pub(crate) use super::no_nvml as nvml;

/// A clock that never runs backwards.
pub(crate) mod clock {
    use std::time::Instant;

    /// The standard library's clock.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct SystemClock(Instant);

    impl SystemClock {
        /// The one clock there is. Whether it counts the time that the machine sleeps is the
        /// system's choice.
        pub(crate) fn sleepless() -> Self {
            Self(Instant::now())
        }

        /// Microseconds since this clock was asked for.
        #[inline]
        pub(crate) fn micros(self) -> i64 {
            i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX)
        }
    }
}

/// Processes by their numbers, of which nothing is known.
pub(crate) mod process {
    /// 0: there is none, or it is not known.
    pub(crate) fn pid_namespace() -> u64 {
        0
    }

    /// Not known: locks and heartbeats decide who lives.
    pub(crate) fn process_start(_: u32) -> Option<u64> {
        None
    }
}

/// A limit on the size of files is the system's own affair.
pub(crate) mod file_size_limit {
    /// Does nothing.
    pub(crate) fn outlive() {}
}

/// Does nothing: runs that are open when the process exits are told as crashed, with their points.
pub(crate) fn at_exit(_: extern "C" fn()) {}

/// Without `fork`, no process is a copy of another one.
#[inline]
pub(crate) fn is_forked_child() -> bool {
    false
}

/// A file whose lock goes with this process.
#[derive(Debug)]
pub(crate) struct LockedFile(File);

impl LockedFile {
    pub(crate) fn new(file: File) -> Self {
        Self(file)
    }

    pub(crate) fn file(&self) -> &File {
        &self.0
    }
}
