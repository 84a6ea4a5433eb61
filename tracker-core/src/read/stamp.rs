//! What tells that a file or folder is still the one that was read.

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
    time::Duration,
};

use rustix::fs::{AtFlags, statat};

use crate::Timestamp;

/// A file's identity, length and time of change. All zeros for one that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    inode: u64,
    length: u64,
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> Self {
        let Ok(meta) = fs::metadata(path) else { return Self::default() };
        Self { inode: meta.ino(), length: meta.len(), changed: (meta.mtime(), meta.mtime_nsec()) }
    }

    /// As [`of`](Self::of), of a path within an open folder. Costs half as much, which counts where
    /// thousands of runs are looked at.
    pub(crate) fn within(folder: &File, path: &str) -> Self {
        let Ok(stat) = statat(folder, path, AtFlags::empty()) else { return Self::default() };
        Self {
            inode: stat.st_ino,
            length: stat.st_size.cast_unsigned(),
            changed: (stat.st_mtime, stat.st_mtime_nsec as i64),
        }
    }

    /// Whether the last change is so long ago that another one would have another time. Clocks of
    /// file systems tick every few milliseconds; some count in seconds.
    pub(crate) fn is_settled(&self) -> bool {
        const SETTLED: Duration = Duration::from_secs(2);
        let age = Timestamp::now().as_micros() / 1_000_000 - self.changed.0;
        u64::try_from(age).is_ok_and(|age| age > SETTLED.as_secs())
    }
}
