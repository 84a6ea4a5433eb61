//! What the kernel tells in files of its own, and of the disk and this process.

#![expect(clippy::disallowed_methods, reason = "the kernel's own files, at paths of our own")]

use std::{fs, io, os::unix::fs::FileExt, path::Path};

/// More than any of these files has that a machine of our time fills.
const LONGEST: usize = 1 << 20;

/// A file of the kernel that stays open: each read is a new look.
#[derive(Debug)]
pub(crate) struct KernelFile {
    file: fs::File,
    buffer: Vec<u8>,
}

impl KernelFile {
    /// `None` where the kernel has no such file, or this process may not read it.
    pub(crate) fn open(path: impl AsRef<Path>) -> Option<Self> {
        let mut file = Self { file: fs::File::open(path).ok()?, buffer: vec![0; 4096] };
        file.text().ok()?;
        Some(file)
    }

    /// One of those below `/proc`.
    pub(crate) fn proc(name: &str) -> Option<Self> {
        Self::open(Path::new("/proc").join(name))
    }

    /// What it says now.
    pub(crate) fn text(&mut self) -> io::Result<&str> {
        let mut length = 0;
        loop {
            let read = self.file.read_at(&mut self.buffer[length..], length as u64)?;
            length += read;
            if read == 0 || length >= LONGEST {
                break;
            }
            if length == self.buffer.len() {
                self.buffer.resize(2 * length, 0);
            }
        }
        let text = self.buffer.get(..length).unwrap_or_default();
        str::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// The names in one of the kernel's folders.
pub(crate) fn names_in(folder: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Whether the kernel has such a file or folder.
pub(crate) fn is_there(path: impl AsRef<Path>) -> bool {
    path.as_ref().exists()
}

/// How many bytes a user may still write to the disk of `folder`.
pub(crate) fn free_space(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// How many bytes the disk of `folder` has.
pub(crate) fn disk_size(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_blocks.saturating_mul(disk.f_frsize))
}

/// How many files this process has open. Linux tells since version 6.2; before, the size of that folder is
/// 0.
pub(crate) fn open_files() -> Option<u64> {
    let count = fs::metadata("/proc/self/fd").ok()?.len();
    (count > 0).then_some(count)
}

/// How many of the units in which the kernel counts time of processors make a second.
pub(crate) fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}
