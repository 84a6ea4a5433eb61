//! Reads a journal line by line, on from where it was read before.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
};

use super::record::LONGEST_LINE;

/// The longest journal that is read, in bytes: 256 MiB.
pub(super) const LONGEST_FILE: u64 = 256 << 20;

/// How many bytes before the place are remembered, to tell whether it is still the same file.
const REMEMBERED: usize = 64;

/// How far a journal was read.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// Where the last line ended that has an end.
    place: u64,
    /// How many lines were read.
    lines: u64,
    /// The last bytes before the place.
    before: Vec<u8>,
}

/// A line of a journal.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    /// Without its end; `None` if it is longer than any line may be.
    pub(super) bytes: Option<&'a [u8]>,
}

impl Tail {
    /// Where the last line ended that has an end: what stands behind was never finished.
    pub(super) fn place(&self) -> u64 {
        self.place
    }

    /// Whether this is the file that was read, and not another one in its place, or a shorter one.
    pub(super) fn is_of(&self, file: &mut File) -> io::Result<bool> {
        let mut before = vec![0; self.before.len()];
        file.seek(SeekFrom::Start(self.place - self.before.len() as u64))?;
        match file.read_exact(&mut before) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            read => read.map(|()| before == self.before),
        }
    }

    /// Reads all whole lines behind the place.
    pub(super) fn read_on(
        &mut self,
        file: &mut File,
        mut take: impl FnMut(Line<'_>),
    ) -> io::Result<()> {
        file.seek(SeekFrom::Start(self.place))?;
        let mut file = BufReader::with_capacity(1 << 16, file.take(LONGEST_FILE - self.place));
        let mut line = Vec::new();
        while let Some(length) = read_line(&mut file, &mut line)? {
            self.place += length;
            self.lines += 1;
            let is_kept = line.len() as u64 == length;
            let bytes = line.strip_suffix(b"\n").filter(|_| is_kept);
            take(Line { number: self.lines, bytes });
            self.remember(&line, is_kept);
        }
        Ok(())
    }

    fn remember(&mut self, line: &[u8], is_kept: bool) {
        if !is_kept {
            // It ended with a line's end, whatever stood before.
            self.before = vec![b'\n'];
            return;
        }
        self.before.extend_from_slice(&line[line.len().saturating_sub(REMEMBERED)..]);
        self.before.drain(..self.before.len().saturating_sub(REMEMBERED));
    }
}

/// The length of the next line with its end; `None` if there is none that has one. Of a line that is too long, only the
/// beginning is kept.
fn read_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    line.clear();
    let mut length = 0;
    loop {
        let read = match file.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read.is_empty() {
            return Ok(None);
        }
        let end = read.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(read.len(), |end| end + 1);
        let room = LONGEST_LINE.saturating_sub(line.len()).min(taken);
        line.extend_from_slice(&read[..room]);
        length += taken as u64;
        file.consume(taken);
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}
