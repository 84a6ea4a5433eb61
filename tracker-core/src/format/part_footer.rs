//! The end of a part: what it holds and where. A part may come from elsewhere, or be damaged: nothing
//! in it takes more memory than it may, and nothing ends the program that looks at it.

use parquet::{
    errors::{ParquetError, Result},
    file::{
        metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
        reader::ChunkReader,
    },
};

use crate::caught;

/// The largest footer. That of a part with 50,000 metrics has 15 MB.
const MAX_FOOTER_BYTES: u32 = 64 << 20;

/// The last bytes of a file: the length of its footer and `PAR1`.
const END_BYTES: usize = 8;

/// Reads the footer of a part, and Parquet's own index of its pages if there is one: that is a
/// help, not a need.
pub(crate) fn read(file: &impl ChunkReader) -> Result<ParquetMetaData> {
    unless_it_panics(|| {
        check_length(file)?;
        read_metadata(file, PageIndexPolicy::Optional)
            .or_else(|_| read_metadata(file, PageIndexPolicy::Skip))
    })
}

/// Everything that decodes bytes of a part does so in here. What is damaged in a way that the
/// `parquet` crate does not expect is an error of the file.
pub(crate) fn unless_it_panics<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    caught::catch(read).unwrap_or_else(|| {
        Err(ParquetError::General("the file is damaged in a way that cannot be decoded".into()))
    })
}

/// A footer is read into memory whole.
fn check_length(file: &impl ChunkReader) -> Result<()> {
    let none = || ParquetError::EOF("the file is too short to be a part".into());
    let start = file.len().checked_sub(END_BYTES as u64).ok_or_else(none)?;
    let end = file.get_bytes(start, END_BYTES)?;
    let (length, _) = end.split_first_chunk().ok_or_else(none)?;
    if u32::from_le_bytes(*length) > MAX_FOOTER_BYTES {
        return Err(ParquetError::General("the footer claims to be larger than 64 MiB".into()));
    }
    Ok(())
}

fn read_metadata(file: &impl ChunkReader, offsets: PageIndexPolicy) -> Result<ParquetMetaData> {
    let reader = ParquetMetaDataReader::new()
        .with_column_index_policy(PageIndexPolicy::Skip)
        .with_offset_index_policy(offsets);
    reader.parse_and_finish(file)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

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
        told(&claims);
    }
}
