//! How the columns of a part are encoded, and those of an exported file.

use std::io;

use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    errors::ParquetError,
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};

use crate::format::block::BLOCK_ROWS;

/// Where a Parquet file is written to. One type for all of them: the writer is compiled anew for each.
pub(crate) type Out<'a> = &'a mut (dyn io::Write + Send);

/// Rows of one page, the same in all columns of numbers, so that a reader can skip pages of all.
const PAGE_ROWS: usize = 4 * BLOCK_ROWS;

/// How the numbers are encoded. Statistics are for other programs, which may skip pages by step and
/// row groups by time; few look for values, and for those NaN would spoil them.
pub(crate) fn properties() -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_dictionary_enabled(false)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(BLOCK_ROWS)
        .set_max_row_group_row_count(None)
        .set_created_by(format!("tracker-core {}", env!("CARGO_PKG_VERSION")));
    for (name, encoding, statistics) in [
        ("step", Encoding::DELTA_BINARY_PACKED, EnabledStatistics::Page),
        ("time", Encoding::DELTA_BINARY_PACKED, EnabledStatistics::Chunk),
        ("value", Encoding::BYTE_STREAM_SPLIT, EnabledStatistics::None),
        ("seq", Encoding::DELTA_BINARY_PACKED, EnabledStatistics::None),
    ] {
        properties = properties
            .set_column_encoding(ColumnPath::from(name), encoding)
            .set_column_statistics_enabled(ColumnPath::from(name), statistics);
    }
    // Parts write these themselves; exported files, whose rows may be of several writers, do not.
    for name in ["run", "key", "writer"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), true);
    }
    Ok(properties.build())
}
