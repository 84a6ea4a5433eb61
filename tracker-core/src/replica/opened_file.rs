//! A file of a run, open, and how much of it never changes again.

use std::{fmt, fs::File, io, ops::Range};

use crate::{
    Error, Result, Writer,
    error::IoContext,
    format::{
        file_kind::{FileKind, file_kind, writer_of},
        folder::{StorePath, read_range},
        layout::log_first,
        log_file::{LogStart, MOST_HEADER},
        log_header,
        slot::SLOT_BYTES,
    },
    platform::entry::Look,
};

const HINT: &str = "check the file's permissions";

/// How many bytes of lines are looked at, from a file's end on, for the end of a line. No line is longer.
const LONGEST_LINE: u64 = 16 << 20;

const CHUNK: u64 = 64 << 10;

/// What tells one state of a file from another: the file itself, its length and the time of its change. Shown as a
/// word that can be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileStamp {
    file: (u64, u64),
    length: u64,
    changed: (i64, i64),
}

impl FileStamp {
    /// How many bytes the file has.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl From<Look> for FileStamp {
    fn from(look: Look) -> Self {
        Self { file: look.file, length: look.length, changed: look.changed }
    }
}

impl fmt::Display for FileStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, length, changed } = self;
        write!(f, "{}-{}-{length}-{}-{}", file.0, file.1, changed.0, changed.1)
    }
}

/// A file of a run that is open: it is the same file, whatever becomes of its name.
#[derive(Debug)]
pub struct OpenedFile {
    place: StorePath,
    path: String,
    file: File,
}

impl OpenedFile {
    /// `None` if it is not there.
    pub(super) fn open(place: StorePath, path: &str) -> Result<Option<Self>> {
        match place.open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            file => {
                let file = file.io_context("open", &place, HINT)?;
                Ok(Some(Self { place, path: path.to_owned(), file }))
            }
        }
    }

    /// What it is now.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn stamp(&self) -> Result<FileStamp> {
        let look = Look::at(&self.file).io_context("look at", &self.place, HINT)?;
        Ok(look.into())
    }

    /// What there is of these bytes: fewer behind the file's end.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn read(&self, range: Range<u64>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        read_range(&self.file, range, &mut bytes).io_context("read", &self.place, HINT)?;
        Ok(bytes)
    }

    /// Up to where the bytes of a file that grows never change again, whatever its writer and whoever seals it do.
    ///
    /// Of a log that is the end of its last whole slot, and 0 where it has none: a log without slots may be replaced by
    /// one whose header tells more names, and half a slot is written anew. Of lines it is the end of the last whole
    /// one. All of any other file.
    ///
    /// # Errors
    /// If it cannot be read, or a newer tracker wrote it.
    pub fn settled(&self) -> Result<u64> {
        let length = self.stamp()?.length();
        match (file_kind(&self.path), log_first(self.place.as_ref()), writer_of(&self.path)) {
            (FileKind::Growing, Some(first), Some(writer)) => {
                self.settled_slots(writer, first, length)
            }
            (FileKind::Growing, None, _) => self.settled_lines(length),
            _ => Ok(length),
        }
    }

    fn settled_slots(&self, writer: Writer, first: u64, length: u64) -> Result<u64> {
        let slot = SLOT_BYTES as u64;
        let mut most = CHUNK;
        loop {
            let bytes = self.read(0..most.min(length))?;
            let start = LogStart::find(&bytes, writer, first);
            let start = start.map_err(|version| Error::NewerFormat {
                path: self.place.to_path_buf(),
                version,
                known: log_header::VERSION,
            })?;
            match start {
                Some(start) if start.is_whole || most >= length || most > MOST_HEADER => {
                    let offset = start.offset as u64;
                    let slots = length.saturating_sub(offset) / slot;
                    return Ok(if slots == 0 { 0 } else { offset + slots * slot });
                }
                None if most >= length || most > MOST_HEADER => return Ok(0),
                // A header may have 65,536 names.
                _ => most *= 16,
            }
        }
    }

    fn settled_lines(&self, length: u64) -> Result<u64> {
        let (mut end, least) = (length, length.saturating_sub(LONGEST_LINE));
        while end > least {
            let start = end.saturating_sub(CHUNK);
            let bytes = self.read(start..end)?;
            if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
                return Ok(start + at as u64 + 1);
            }
            end = start;
        }
        Ok(0)
    }
}
