//! The lines of a file that may be long, one at a time.

use std::{io, sync::Arc};

use super::Ranged;

/// The longest line that is one: no event that waits for the disk is longer.
pub(super) const LONGEST: usize = 16 << 20;

/// How much of a longer one is passed over where the system does not tell where a hole ends: reading
/// on could take hours.
pub(super) const MOST_PASSED: usize = 1 << 30;

pub(super) const CHUNK: usize = 1 << 16;

/// The lines of a file. What is longer than any line that tracker writes is passed over without
/// being kept in memory, and a hole in the file, which may be longer than any disk, without being
/// read. On a system that tells of no holes, what is behind a very long line is not read.
#[derive(Debug)]
pub(crate) struct Lines {
    file: Arc<dyn Ranged>,
    /// What was read of the file and not yet looked at, from `taken` on.
    chunk: Vec<u8>,
    taken: usize,
    line: Vec<u8>,
    /// Where what has not been looked at begins.
    at: u64,
    /// Where the last line ended that has an end.
    whole: u64,
}

/// A line, and where it stands in its file.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// Without its end.
    pub(crate) bytes: &'a [u8],
    pub(crate) start: u64,
    /// Behind its end.
    pub(crate) end: u64,
    /// Whether it has an end. Else it may still be written.
    pub(crate) is_whole: bool,
}

impl Lines {
    /// The lines of the file at a place.
    #[cfg(test)]
    pub(crate) fn at(place: &super::StorePath) -> io::Result<Self> {
        Ok(Self::behind(Arc::new(place.open()?), 0))
    }

    /// The lines of a file behind this place, where one begins.
    pub(crate) fn behind(file: Arc<dyn Ranged>, start: u64) -> Self {
        let (chunk, line) = (Vec::new(), Vec::new());
        Self { file, chunk, taken: 0, line, at: start, whole: start }
    }

    /// The next line without its end, or what there is of the last one.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        Ok(self.next_line()?.map(|line| line.bytes))
    }

    /// As [`next`](Self::next), with the line's place.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.line.clear();
            let start = self.at;
            match self.read_line()? {
                Some(true) => {
                    let is_whole = self.whole > start;
                    return Ok(Some(Line { bytes: &self.line, start, end: self.at, is_whole }));
                }
                Some(false) => {}
                None => return Ok(None),
            }
        }
    }

    /// Where the last line ended that has an end, those too that were passed over.
    pub(crate) fn whole(&self) -> u64 {
        self.whole
    }

    /// Whether a line was short enough to be kept. `None` at the file's end.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
        let mut length = 0;
        loop {
            self.fill()?;
            let chunk = self.chunk.get(self.taken..).unwrap_or_default();
            if chunk.is_empty() {
                return Ok((length > 0).then_some(length <= LONGEST));
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(chunk.len());
            length += taken;
            if length <= LONGEST {
                self.line.extend_from_slice(&chunk[..taken]);
            }
            let passed = taken + usize::from(end.is_some());
            self.taken += passed;
            self.at += passed as u64;
            if end.is_some() {
                self.whole = self.at;
                return Ok(Some(length <= LONGEST));
            }
            // All that was read is looked at: the next is read from where there are bytes again.
            if length > LONGEST {
                let data = self.file.next_data(self.at);
                self.at = data.unwrap_or(self.at);
                if data.is_none() && length > MOST_PASSED {
                    return Ok(None);
                }
            }
        }
    }

    /// Reads on, if all that was read is looked at.
    fn fill(&mut self) -> io::Result<()> {
        if self.taken == self.chunk.len() {
            self.taken = 0;
            self.chunk.resize(CHUNK, 0);
            let count = self.file.read_at(&mut self.chunk, self.at);
            self.chunk.truncate(count.as_ref().map_or(0, |count| *count));
            count?;
        }
        Ok(())
    }
}
