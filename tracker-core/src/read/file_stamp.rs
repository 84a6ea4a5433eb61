//! What tells that a file or folder is still the one that was read.

use std::time::Duration;

use crate::{Timestamp, format::folder::StorePath, platform::entry::Look};

/// A file's identity, length and time of change. All zeros for one that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Stamp {
    inode: u64,
    length: u64,
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(place: &StorePath) -> Self {
        place.look().map(Self::from).unwrap_or_default()
    }

    /// As [`of`](Self::of), of what is in or below an open folder. Costs less, which counts where
    /// thousands of runs are looked at.
    pub(crate) fn within(folder: &StorePath, path: &str) -> Self {
        folder.look_below(path).map(Self::from).unwrap_or_default()
    }

    /// How many bytes the file had.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Whether this is the stamp of the same file as `earlier`, which has become longer since. What it
    /// had may have been replaced all the same.
    pub(crate) fn has_grown_since(&self, earlier: &Self) -> bool {
        self.inode == earlier.inode && self.length > earlier.length
    }

    /// Whether the last change is so long ago that another one would have another time. Clocks of
    /// file systems tick every few milliseconds; some count in seconds.
    pub(crate) fn is_settled(&self) -> bool {
        const SETTLED: Duration = Duration::from_secs(2);
        let age = Timestamp::now().as_micros() / 1_000_000 - self.changed.0;
        u64::try_from(age).is_ok_and(|age| age > SETTLED.as_secs())
    }
}

impl From<Look> for Stamp {
    fn from(look: Look) -> Self {
        Self { inode: look.file.1, length: look.length, changed: look.changed }
    }
}
