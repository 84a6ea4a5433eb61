//! The end of a part: what it holds and where. A part may come from elsewhere, or be damaged: nothing
//! in it takes more memory than it may, and nothing ends the program that looks at it.

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result},
    file::{
        FOOTER_SIZE,
        metadata::{
            FooterTail, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
        },
        reader::ChunkReader,
    },
};

use crate::{caught, format::compact_thrift};

/// The largest footer. That of a part with 50,000 metrics has 15 MB.
const MAX_FOOTER_BYTES: usize = 64 << 20;

/// Reads the footer of a part, and Parquet's own index of its pages if there is one: that is a
/// help, not a need.
pub(crate) fn read(file: &impl ChunkReader) -> Result<ParquetMetaData> {
    unless_it_panics(|| {
        let footer = footer(file)?;
        let metadata = ParquetMetaDataReader::decode_metadata(&footer)?;
        if check_pages(file, &metadata).is_none() {
            return Ok(metadata);
        }
        let mut reader = ParquetMetaDataReader::new_with_metadata(metadata)
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Optional);
        match reader.read_page_indexes(file) {
            Ok(()) => reader.finish(),
            Err(_) => ParquetMetaDataReader::decode_metadata(&footer),
        }
    })
}

/// Everything that decodes bytes of a part does so in here. What is damaged in a way that the
/// `parquet` crate does not expect is an error of the file.
pub(crate) fn unless_it_panics<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    caught::catch(read).unwrap_or_else(|| {
        Err(ParquetError::General("the file is damaged in a way that cannot be decoded".into()))
    })
}

/// The footer, which is read into memory whole. It has been walked over, as whoever decodes it will.
fn footer(file: &impl ChunkReader) -> Result<Bytes> {
    let none = || ParquetError::EOF("the file is too short to be a part".into());
    let end = file.len().checked_sub(FOOTER_SIZE as u64).ok_or_else(none)?;
    let tail = file.get_bytes(end, FOOTER_SIZE)?;
    let length = FooterTail::try_new(tail.first_chunk().ok_or_else(none)?)?.metadata_length();
    if length > MAX_FOOTER_BYTES {
        return Err(ParquetError::General("the footer claims to be larger than 64 MiB".into()));
    }
    let start = end.checked_sub(length as u64).ok_or_else(none)?;
    let footer = file.get_bytes(start, length)?;
    match compact_thrift::skip_struct(&footer) {
        Some(_) => Ok(footer),
        None => Err(ParquetError::General("the footer is damaged".into())),
    }
}

/// Whether the index of pages may be read; `None` if not.
fn check_pages(file: &impl ChunkReader, metadata: &ParquetMetaData) -> Option<()> {
    let columns = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    columns.into_iter().try_for_each(|column| {
        let (Some(start), Some(length)) =
            (column.offset_index_offset(), column.offset_index_length())
        else {
            return Some(());
        };
        let length = usize::try_from(length).ok()?;
        let bytes = file.get_bytes(u64::try_from(start).ok()?, length).ok()?;
        compact_thrift::skip_struct(&bytes).map(drop)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> String {
        read(&Bytes::copy_from_slice(bytes)).unwrap_err().to_string()
    }

    #[test]
    fn no_footer_takes_memory_that_the_file_does_not_have() {
        assert!(told(b"PAR1").contains("too short"), "{}", told(b"PAR1"));
        let claims = [&u32::MAX.to_le_bytes()[..], b"PAR1"].concat();
        assert!(told(&claims).contains("64 MiB"), "{}", told(&claims));
        let claims = [&(1_u32 << 20).to_le_bytes()[..], b"PAR1"].concat();
        assert!(told(&claims).contains("too short"), "{}", told(&claims));
    }

    /// The `parquet` crate would count to 2^31 here, and once more for each such list.
    #[test]
    fn no_footer_keeps_its_reader_counting_what_is_not_there() {
        let lists = [0x19, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x07].repeat(1_000);
        let footer = [&lists[..], &[0]].concat();
        let file = [&footer[..], &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat();
        assert!(told(&file).contains("damaged"), "{}", told(&file));
    }
}
