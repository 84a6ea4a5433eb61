//! The lines of a file that may be long, one at a time.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom},
};

use crate::platform::files as system;

/// The longest line that is one: no event that waits for the disk is longer.
const LONGEST: usize = 16 << 20;

/// How much of a longer one is passed over where the system does not tell where a hole ends: reading
/// on could take hours.
const MOST_PASSED: usize = 1 << 30;

const CHUNK: usize = 1 << 16;

/// The lines of a file. What is longer than any line that tracker writes is passed over without
/// being kept in memory, and a hole in the file, which may be longer than any disk, without being
/// read. On a system that tells of no holes, what is behind a very long line is not read.
#[derive(Debug)]
pub(crate) struct Lines {
    file: Option<BufReader<File>>,
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
    pub(super) fn of(file: File) -> Self {
        Self::new(Some(BufReader::with_capacity(CHUNK, file)), 0)
    }

    pub(super) fn none() -> Self {
        Self::new(None, 0)
    }

    /// The lines of an open file behind this place, where one begins.
    pub(crate) fn behind(mut file: &File, start: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Self::new(Some(BufReader::with_capacity(CHUNK, file.try_clone()?)), start))
    }

    fn new(file: Option<BufReader<File>>, at: u64) -> Self {
        Self { file, line: Vec::new(), at, whole: at }
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
        let Some(file) = &mut self.file else { return Ok(None) };
        let mut length = 0;
        loop {
            let chunk = match file.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
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
            file.consume(passed);
            self.at += passed as u64;
            if end.is_some() {
                self.whole = self.at;
                return Ok(Some(length <= LONGEST));
            }
            if length > LONGEST {
                let data = behind_hole(file)?;
                self.at = data.unwrap_or(self.at);
                if data.is_none() && length > MOST_PASSED {
                    return Ok(None);
                }
            }
        }
    }
}

/// Goes on where the file has data again, if the system knows. The buffer is empty.
fn behind_hole(file: &mut BufReader<File>) -> io::Result<Option<u64>> {
    let here = file.stream_position()?;
    let data = system::next_data(file.get_ref(), here);
    if let Some(data) = data {
        file.seek(SeekFrom::Start(data))?;
    }
    Ok(data)
}
