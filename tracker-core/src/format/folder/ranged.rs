//! Files that are read at any place, wherever they lie.

use std::{fmt, fs::File, io, ops::Range, sync::Arc};

use super::read::read_range;
use crate::mounts::MountedFile;
use crate::platform::files as system;

/// An open file. It can be read from several threads.
pub(crate) trait Ranged: fmt::Debug + Send + Sync {
    /// Reads some bytes at a place; none at the file's end.
    fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize>;

    /// Reads what there is of a range, in place of what is in `bytes`.
    fn read_range(&self, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()>;

    /// Where there are bytes again from this place on, if that is known: a file may have holes that
    /// are longer than any disk.
    fn next_data(&self, from: u64) -> Option<u64>;

    /// Says what will be read next. Of use where each read takes a while.
    fn soon(&self, _ranges: &[Range<u64>]) {}

    /// Whether [`soon`](Self::soon) is of use.
    fn is_afar(&self) -> bool {
        false
    }
}

/// A file that lies elsewhere.
#[derive(Debug)]
pub(super) struct Afar(pub(super) Arc<dyn MountedFile>);

impl Ranged for Afar {
    fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(bytes, position)
    }

    fn read_range(&self, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
        let end = range.end.min(self.0.length());
        bytes.clear();
        bytes.resize(end.saturating_sub(range.start) as usize, 0);
        read_exact_at(self, bytes, range.start)
    }

    fn next_data(&self, _from: u64) -> Option<u64> {
        None
    }

    fn soon(&self, ranges: &[Range<u64>]) {
        self.0.soon(ranges);
    }

    fn is_afar(&self) -> bool {
        true
    }
}

impl Ranged for File {
    fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
        loop {
            match system::read_at(self, bytes, position) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                count => return count,
            }
        }
    }

    fn read_range(&self, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
        read_range(self, range, bytes)
    }

    fn next_data(&self, from: u64) -> Option<u64> {
        system::next_data(self, from)
    }
}

/// Fills `bytes` with those of a file at a place.
pub(crate) fn read_exact_at(
    file: &dyn Ranged,
    mut bytes: &mut [u8],
    mut position: u64,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = file.read_at(bytes, position)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[count..];
        position += count as u64;
    }
    Ok(())
}
