//! The lines of a file that may be long, from its end on, one at a time.

use std::{io, sync::Arc};

use super::{
    Ranged,
    lines::{CHUNK, LONGEST, MOST_PASSED},
};

/// The lines of a file that have an end, the last one first. What is longer than any line that tracker
/// writes is told of and not kept in memory.
#[derive(Debug)]
pub(crate) struct LinesBack {
    file: Arc<dyn Ranged>,
    /// Where the bytes begin that were read.
    from: u64,
    /// What was read and not given yet: it ends where a line ends.
    read: Vec<u8>,
}

/// A line, and where it stands in its file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LineBack<'a> {
    /// Without its end; `None` if it is too long.
    pub(crate) bytes: Option<&'a [u8]>,
    /// Behind its end.
    pub(crate) end: u64,
}

impl LinesBack {
    /// The lines that end at this place or before it.
    pub(crate) fn before(file: Arc<dyn Ranged>, place: u64) -> io::Result<Self> {
        let mut lines = Self { file, from: place, read: Vec::new() };
        lines.pass()?;
        Ok(lines)
    }

    /// Where the last line ends that was not given yet.
    pub(crate) fn end(&self) -> u64 {
        self.from + self.read.len() as u64
    }

    /// Calls with the line before the one that was given last. `None` if there is none.
    pub(crate) fn next<T>(
        &mut self,
        take: impl FnOnce(LineBack<'_>) -> T,
    ) -> io::Result<Option<T>> {
        let end = self.end();
        if end == 0 {
            return Ok(None);
        }
        let Some(start) = self.find_start()? else {
            self.pass()?;
            return Ok(Some(take(LineBack { bytes: None, end })));
        };
        let line = self.read.get(start..self.read.len() - 1).unwrap_or_default();
        let taken = take(LineBack { bytes: Some(line).filter(|line| line.len() <= LONGEST), end });
        self.read.truncate(start);
        Ok(Some(taken))
    }

    /// Where the last line begins among the bytes that were read. `None` if it is too long.
    fn find_start(&mut self) -> io::Result<Option<usize>> {
        let mut looked_at = 1;
        loop {
            let unseen = self.read.len().saturating_sub(looked_at);
            let before = self.read.get(..unseen).unwrap_or_default();
            if let Some(newline) = before.iter().rposition(|byte| *byte == b'\n') {
                return Ok(Some(newline + 1));
            }
            if self.from == 0 {
                return Ok(Some(0));
            }
            if self.read.len() > LONGEST {
                return Ok(None);
            }
            looked_at = self.read.len().max(1);
            // As much again as there is, so that a long line is not copied for each piece of it.
            self.read_before(self.read.len().max(CHUNK))?;
        }
    }

    /// Reads what stands before the bytes that were read.
    fn read_before(&mut self, most: usize) -> io::Result<()> {
        let start = self.from.saturating_sub(most as u64);
        let mut bytes = Vec::new();
        self.file.read_range(start..self.from, &mut bytes)?;
        if bytes.len() as u64 != self.from - start {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
        }
        bytes.append(&mut self.read);
        (self.from, self.read) = (start, bytes);
        Ok(())
    }

    /// Passes over what stands before the bytes that were read, up to where a line ends.
    fn pass(&mut self) -> io::Result<()> {
        self.read.clear();
        let first = self.from;
        while self.from > 0 && first - self.from <= MOST_PASSED as u64 {
            self.read_before(CHUNK)?;
            if let Some(newline) = self.read.iter().rposition(|byte| *byte == b'\n') {
                self.read.truncate(newline + 1);
                return Ok(());
            }
            self.read.clear();
        }
        // Nothing before it is looked for any more.
        self.from = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::folder::{Lines, StorePath};

    fn file(bytes: &[u8]) -> (tempfile::TempDir, Arc<dyn Ranged>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lines"), bytes).unwrap();
        let file = StorePath::named(folder.path()).child("lines").open().unwrap();
        (folder, Arc::new(file))
    }

    fn backwards(bytes: &[u8], place: u64) -> Vec<(Option<Vec<u8>>, u64)> {
        let (_folder, file) = file(bytes);
        let mut lines = LinesBack::before(file, place).unwrap();
        let mut all = Vec::new();
        while let Some(line) =
            lines.next(|line| (line.bytes.map(<[u8]>::to_vec), line.end)).unwrap()
        {
            all.push(line);
        }
        all
    }

    #[test]
    fn a_line_without_an_end_is_none_yet() {
        let line = |text: &str, end| (Some(text.as_bytes().to_vec()), end);
        assert_eq!(backwards(b"one\ntwo\nthr", 11), [line("two", 8), line("one", 4)]);
        assert_eq!(backwards(b"one\ntwo\n", 8), [line("two", 8), line("one", 4)]);
        assert_eq!(backwards(b"one\ntwo\n", 6), [line("one", 4)]);
        assert_eq!(backwards(b"one", 3), []);
        assert_eq!(backwards(b"", 0), []);
    }

    #[test]
    fn a_line_that_is_too_long_costs_itself() {
        let mut bytes = b"first\n".to_vec();
        bytes.resize(bytes.len() + LONGEST + 3 * CHUNK, b'x');
        let end = bytes.len() as u64 + 1;
        bytes.extend_from_slice(b"\nlast\n");
        let all = backwards(&bytes, bytes.len() as u64);
        let line = |text: &str, end| (Some(text.as_bytes().to_vec()), end);
        assert_eq!(all, [line("last", end + 5), (None, end), line("first", 6)]);
    }

    proptest! {
        #[test]
        fn the_lines_from_the_end_are_those_from_the_beginning(
            lengths in prop::collection::vec(prop_oneof![0_usize..5, 0_usize..(3 * CHUNK)], 0..9),
        ) {
            let mut bytes = Vec::new();
            for (number, length) in lengths.iter().enumerate() {
                bytes.resize(bytes.len() + length, b'a' + number as u8);
                bytes.push(b'\n');
            }
            let mut back = backwards(&bytes, bytes.len() as u64);
            back.reverse();
            let (_folder, file) = file(&bytes);
            let mut lines = Lines::behind(file, 0);
            let mut forth = Vec::new();
            while let Some(line) = lines.next_line().unwrap() {
                forth.push((Some(line.bytes.to_vec()), line.end));
            }
            prop_assert_eq!(back, forth);
        }
    }
}
