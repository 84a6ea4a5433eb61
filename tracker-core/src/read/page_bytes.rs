//! The pages of one column of a part, looked at before the `parquet` crate decodes them: it takes the
//! memory that a page's header asks for.
//!
//! A header is a Thrift struct in the compact protocol. Its first two fields are the page's kind
//! and its size after decompression, both `i32`:
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>

use std::{
    io::{self, BufReader, Read},
    sync::Arc,
};

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

use crate::{
    format::compact_thrift::{number, skip_struct},
    read::part_file::PartFile,
};

/// The largest page after decompression. Ours have 32 KiB, and other writers aim at 1 MiB.
const MAX_PAGE_BYTES: u64 = 16 << 20;

/// How a field of the type `i32` begins that follows the one before it.
const NEXT_I32: u8 = 0x15;

/// A part from which pages are read.
pub(crate) struct PageBytes {
    pub(crate) file: Arc<PartFile>,
    /// Whether pages are read whole, header and all, because the part says where they are.
    pub(crate) are_located: bool,
}

impl Length for PageBytes {
    fn len(&self) -> u64 {
        self.file.len()
    }
}

impl ChunkReader for PageBytes {
    type T = BufReader<PageHeader>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let file = Arc::clone(&self.file);
        Ok(BufReader::new(PageHeader { file, position: start, is_checked: false }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.file.get_bytes(start, length)?;
        if self.are_located {
            check(&bytes).map_err(|reason| ParquetError::General(reason.to_owned()))?;
        }
        Ok(bytes)
    }
}

/// The bytes of a part from a page's header on.
pub(crate) struct PageHeader {
    file: Arc<PartFile>,
    position: u64,
    is_checked: bool,
}

impl Read for PageHeader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(bytes, self.position)?;
        if !self.is_checked {
            check(bytes.get(..count).unwrap_or_default())
                .map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
            self.is_checked = true;
        }
        self.position += count as u64;
        Ok(count)
    }
}

/// Whether a page may be decoded, from the beginning of its header.
fn check(header: &[u8]) -> std::result::Result<(), &'static str> {
    match decompressed_size(header) {
        None => Err("a page has no header"),
        Some(size) if size > MAX_PAGE_BYTES => Err("a page claims to be larger than 16 MiB"),
        // A header of a column of numbers is far shorter than what is read of it at once.
        Some(_) if skip_struct(header).is_none() => Err("a page has a damaged header"),
        Some(_) => Ok(()),
    }
}

fn decompressed_size(header: &[u8]) -> Option<u64> {
    let (_, rest) = number(header.strip_prefix(&[NEXT_I32])?)?;
    let (zigzag, _) = number(rest.strip_prefix(&[NEXT_I32])?)?;
    // One that is negative is for the decoder to refuse.
    Some(zigzag >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_page_stands_in_its_second_field() {
        // A data page of 300 bytes.
        assert_eq!(decompressed_size(&[0x15, 0, 0x15, 0xd8, 0x04, 0x15]), Some(300));
        assert_eq!(decompressed_size(&[0x15, 0, 0x15, 0xd8]), None);
        assert_eq!(decompressed_size(&[]), None);
        assert_eq!(decompressed_size(&[0x19, 0, 0x15, 0]), None);
    }

    #[test]
    fn a_page_that_asks_for_more_memory_than_any_has_is_refused() {
        let claimed = |bytes: u64| {
            let mut header = vec![NEXT_I32, 0, NEXT_I32];
            let mut zigzag = bytes << 1;
            while zigzag >= 0x80 {
                header.push(zigzag as u8 | 0x80);
                zigzag >>= 7;
            }
            header.extend([zigzag as u8, 0]);
            check(&header)
        };
        assert_eq!(claimed(MAX_PAGE_BYTES), Ok(()));
        assert!(claimed(MAX_PAGE_BYTES + 1).is_err());
        assert!(claimed(i32::MAX as u64).is_err());
    }
}
