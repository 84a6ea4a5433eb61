//! What is known of an entry of a folder, and what it is opened for.

use std::{
    io,
    time::{Duration, SystemTime},
};

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    /// To write to a file that is there.
    Write,
    /// To add to a file, which is made if there is none.
    Append,
    /// To lock a file, which is made if there is none.
    Lock,
    /// To write to a file that is not there yet, for this user alone or for whom the process's
    /// mask lets.
    New {
        private: bool,
    },
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// What the system says of an entry. The system's own file makes it: `Look::at` of what is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Device and number: one file has one of them. Where files have no number, all have the same:
    /// length and time alone tell that another file has taken one's place.
    pub(crate) file: (u64, u64),
    pub(crate) length: u64,
    /// Seconds and nanoseconds of its last change.
    pub(crate) changed: (i64, i64),
    /// The number of the user whose it is; 0 where users have none.
    pub(crate) owner: u32,
    pub(super) kind: Kind,
}

impl Look {
    pub(crate) fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    pub(crate) fn is_link(&self) -> bool {
        self.kind == Kind::Link
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    /// How long ago it was changed. `None` if that is in the future.
    pub(crate) fn age(&self) -> Option<Duration> {
        let (seconds, nanoseconds) = self.changed;
        let since = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanoseconds).ok()?);
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH.checked_add(since)?).ok()
    }
}

pub(super) fn no_folder() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotADirectory,
        "a folder on the way to it is a link or no folder, which is never followed in a store",
    )
}

pub(super) fn not_plain() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "it is a link, a folder or a pipe, and no plain file of the store",
    )
}

/// Of a path that leads out of the folder it should be in.
pub(crate) fn out_of_folder() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not in the run's folder")
}
