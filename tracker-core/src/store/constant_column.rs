//! Columns that hold the same value many times in a row: `run`, `key` and `writer`.
//!
//! The `parquet` crate's writer looks each row up in a hash table before it finds out that nothing
//! changed. Here a column is a dictionary page and one data page of runs, so that a million rows
//! of one value cost as much as one: a few bytes.

use bytes::Bytes;
use parquet::{
    basic::{Compression, Encoding, PageType},
    column::{
        page::{CompressedPage, Page, PageWriter},
        writer::ColumnCloseResult,
    },
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, OffsetIndexBuilder, PageEncodingStats},
        statistics::Statistics,
        writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite},
    },
    schema::types::ColumnDescPtr,
};

use crate::format::part_properties::Out;

/// A column as runs of a few values.
#[derive(Debug)]
pub(crate) struct ConstantColumn {
    /// The values in Parquet's plain encoding, one after the other.
    pub(crate) dictionary: Vec<u8>,
    /// How often each of them follows in turn.
    pub(crate) runs: Vec<usize>,
    /// Least and greatest value.
    pub(crate) statistics: Statistics,
}

impl ConstantColumn {
    /// Writes the column as the group's next one.
    pub(crate) fn write(
        self,
        group: &mut SerializedRowGroupWriter<'_, Out<'_>>,
        column: ColumnDescPtr,
    ) -> Result<(), ParquetError> {
        let (chunk, result) = self.encode(column)?;
        group.append_column(&chunk, result)
    }

    /// The column's bytes, and what the footer says of them.
    fn encode(self, column: ColumnDescPtr) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        let rows: usize = self.runs.iter().sum();
        let data_page = self.data_page(rows as u32);
        let dictionary_page = Page::DictionaryPage {
            buf: self.dictionary.into(),
            num_values: self.runs.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let mut sink = TrackedWrite::new(Vec::new());
        let mut pages = SerializedPageWriter::new(&mut sink);
        let dictionary = pages.write_page(whole(dictionary_page))?;
        let data = pages.write_page(whole(data_page))?;
        pages.close()?;
        let mut offsets = OffsetIndexBuilder::new();
        offsets.append_row_count(rows as i64);
        offsets.append_offset_and_size(data.offset as i64, data.compressed_size as i32);
        let size = dictionary.compressed_size + data.compressed_size;
        let metadata = ColumnChunkMetaData::builder(column)
            .set_compression(Compression::UNCOMPRESSED)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE_DICTIONARY, Encoding::RLE])
            .set_page_encoding_stats(vec![
                page_count(PageType::DICTIONARY_PAGE, Encoding::PLAIN),
                page_count(PageType::DATA_PAGE, Encoding::RLE_DICTIONARY),
            ])
            .set_total_compressed_size(size as i64)
            .set_total_uncompressed_size(size as i64)
            .set_num_values(rows as i64)
            .set_dictionary_page_offset(Some(dictionary.offset as i64))
            .set_data_page_offset(data.offset as i64)
            .set_statistics(self.statistics)
            .build()?;
        let result = ColumnCloseResult {
            bytes_written: size as u64,
            rows_written: rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(offsets.build()),
        };
        Ok((sink.into_inner()?.into(), result))
    }

    /// The indexes of the rows' values: their width in bits, then for each run twice its length as
    /// LEB128 and its index.
    /// <https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE>
    fn data_page(&self, rows: u32) -> Page {
        let greatest = self.runs.len().saturating_sub(1);
        let bits = usize::BITS - greatest.leading_zeros();
        let index_bytes = bits.div_ceil(8) as usize;
        let mut bytes = vec![bits as u8];
        for (index, run) in self.runs.iter().enumerate() {
            let mut head = run << 1;
            while head >= 0x80 {
                bytes.push(head as u8 | 0x80);
                head >>= 7;
            }
            bytes.push(head as u8);
            bytes.extend_from_slice(&index.to_le_bytes()[..index_bytes]);
        }
        Page::DataPage {
            buf: bytes.into(),
            num_values: rows,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        }
    }
}

fn whole(page: Page) -> CompressedPage {
    let size = page.buffer().len();
    CompressedPage::new(page, size)
}

fn page_count(page_type: PageType, encoding: Encoding) -> PageEncodingStats {
    PageEncodingStats { page_type, encoding, count: 1 }
}
