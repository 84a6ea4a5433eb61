//! A file as a stream of plain bytes: unpacked, and without the mark of its encoding.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
    rc::Rc,
};

use flate2::read::MultiGzDecoder;

use crate::{Error, Result, failed::failed};

/// The longest row that is read.
pub(super) const MOST_BYTES: u64 = 16 << 20;

/// What some programs put before a text in UTF-8.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// A file's text from its beginning or from a place in it.
pub(super) struct Input {
    pub(super) reader: Box<dyn BufRead>,
    /// How many bytes of the file are before the reader; `None` for a packed file, in which there are no places.
    pub(super) base: Option<u64>,
}

impl Input {
    /// Opens a file at a byte of it; 0 is the beginning.
    pub(super) fn open(path: &Path, byte: u64) -> Result<Self> {
        let hint = "name a CSV file or JSON lines";
        let mut file = File::open(path).map_err(failed("open", path, hint))?;
        if byte > 0 {
            file.seek(SeekFrom::Start(byte)).map_err(failed("read", path, hint))?;
            return Ok(Self { reader: Box::new(BufReader::new(file)), base: Some(byte) });
        }
        let mut file = BufReader::new(file);
        let is_packed = begins(&mut file, &[0x1f, 0x8b]).map_err(failed("read", path, hint))?;
        let mut reader: Box<dyn BufRead> = if is_packed {
            Box::new(BufReader::new(MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        let has_mark = begins(&mut reader, &MARK).map_err(failed("read", path, hint))?;
        if has_mark {
            reader.consume(MARK.len());
        }
        for mark in [[0xff, 0xfe], [0xfe, 0xff]] {
            if begins(&mut reader, &mark).map_err(failed("read", path, hint))? {
                return Err(Error::Unusable {
                    what: format!("{} is written in UTF-16", path.display()),
                    hint: "save it as UTF-8".to_owned(),
                });
            }
        }
        let base = if has_mark { MARK.len() as u64 } else { 0 };
        Ok(Self { reader, base: (!is_packed).then_some(base) })
    }
}

fn begins(reader: &mut impl BufRead, with: &[u8]) -> io::Result<bool> {
    Ok(reader.fill_buf()?.starts_with(with))
}

/// Ends a reader that goes on for too long without a row's end, as after a quote that is never closed.
pub(super) struct Limited {
    reader: Box<dyn BufRead>,
    left: Rc<Cell<u64>>,
}

impl Limited {
    /// The reader, and what is to be set to [`MOST_BYTES`] after each row.
    pub(super) fn new(reader: Box<dyn BufRead>) -> (Self, Rc<Cell<u64>>) {
        let left = Rc::new(Cell::new(MOST_BYTES));
        (Self { reader, left: Rc::clone(&left) }, left)
    }
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            let why = "a row is longer than 16 MiB: perhaps a quote is never closed";
            self.left.set(MOST_BYTES);
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let read = self.reader.read(buffer)?;
        self.left.set(left.saturating_sub(read as u64));
        Ok(read)
    }
}
