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
}

impl Lines {
    pub(super) fn of(file: File) -> Self {
        Self { file: Some(BufReader::with_capacity(CHUNK, file)), line: Vec::new() }
    }

    pub(super) fn none() -> Self {
        Self { file: None, line: Vec::new() }
    }

    /// The next line without its end, or what there is of the last one.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let Some(file) = &mut self.file else { return Ok(None) };
        loop {
            self.line.clear();
            match read_line(file, &mut self.line)? {
                Some(true) => return Ok(Some(&self.line)),
                Some(false) => {}
                None => return Ok(None),
            }
        }
    }
}

/// Whether a line was short enough to be kept. `None` at the file's end.
fn read_line(file: &mut BufReader<File>, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
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
            line.extend_from_slice(&chunk[..taken]);
        }
        file.consume(taken + usize::from(end.is_some()));
        if end.is_some() {
            return Ok(Some(length <= LONGEST));
        }
        if length > LONGEST && !pass_over_hole(file)? && length > MOST_PASSED {
            return Ok(None);
        }
    }
}

/// Goes on where the file has data again, if the system knows. The buffer is empty.
fn pass_over_hole(file: &mut BufReader<File>) -> io::Result<bool> {
    let here = file.stream_position()?;
    let data = system::next_data(file.get_ref(), here);
    if let Some(data) = data {
        file.seek(SeekFrom::Start(data))?;
    }
    Ok(data.is_some())
}
