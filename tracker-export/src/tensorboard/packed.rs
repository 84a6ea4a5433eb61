//! Event files as they lie there, also packed with gzip.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use crate::{Result, failed::failed, framing::tf_record::Records};

const HINT: &str = "check the file's permissions";

/// How files begin that are packed with gzip.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

pub(crate) type EventRecords = Records<Box<dyn Read>>;

/// Opens an event file, packed or not, whatever its name is.
pub(crate) fn open(path: &Path) -> Result<EventRecords> {
    let (file, is_packed) = look(path).map_err(failed("read", path, HINT))?;
    let reader: Box<dyn Read> =
        if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Records::new(reader, is_packed))
}

/// The next record of the file at this path.
#[inline]
pub(crate) fn next<'a, R: Read>(
    records: &'a mut Records<R>,
    path: &Path,
) -> Result<Option<&'a [u8]>> {
    records.next().map_err(failed("read", path, HINT))
}

fn look(path: &Path) -> std::io::Result<(File, bool)> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    (&file).take(GZIP.len() as u64).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    Ok((file, start == GZIP))
}
