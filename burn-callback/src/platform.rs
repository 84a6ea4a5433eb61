//! All of the adapter that names an operating system.

use std::fs::Metadata;

/// The number that tells a file from the one that takes its name later; 0 where there is none.
#[cfg(unix)]
pub(crate) fn file_number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// As above.
#[cfg(not(unix))]
pub(crate) fn file_number(_: &Metadata) -> u64 {
    0
}
