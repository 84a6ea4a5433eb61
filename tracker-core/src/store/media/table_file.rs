//! Tables as Parquet files.

use std::sync::Arc;

use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as PhysicalType, ZstdLevel},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{Type, TypePtr},
};

use crate::{
    Cell, ColumnType, Image, Table,
    format::{
        media_item::MediaHash,
        part_properties::Out,
        table_footer::{Footer, TABLE_KEY},
    },
};

/// Rows of one row group, so that a reader of the first ones reads little.
const GROUP_ROWS: usize = 16_384;

/// Rows of one page.
const PAGE_ROWS: usize = 4_096;

/// The bytes of a table's file. `keep` stores a picture, and gives the hash by which it is found.
pub(super) fn encode<E: From<ParquetError>>(
    table: &Table,
    types: &[ColumnType],
    mut keep: impl FnMut(&Image) -> Result<MediaHash, E>,
) -> Result<Vec<u8>, E> {
    let columns = table.columns().iter().cloned().zip(types.iter().copied());
    let footer = Footer { columns: columns.collect(), key: table.key_column().map(str::to_owned) };
    let json = serde_json::to_string(&footer).map_err(external)?;
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_dictionary_enabled(true)
        .set_data_page_row_count_limit(PAGE_ROWS)
        // A reader refuses pages of more than 16 MiB, and a text may have 64 KiB.
        .set_write_batch_size(128)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by(format!("tracker-core {}", env!("CARGO_PKG_VERSION")))
        .build();
    let properties = Arc::new(properties);
    let mut file = SerializedFileWriter::new(&mut bytes as Out<'_>, schema(&footer)?, properties)?;
    for rows in table.rows().chunks(GROUP_ROWS) {
        let mut group = file.next_row_group()?;
        for (column, kind) in types.iter().enumerate() {
            write_column(&mut group, rows, column, *kind, &mut keep)?;
        }
        group.close()?;
    }
    file.append_key_value_metadata(KeyValue::new(TABLE_KEY.to_owned(), json));
    file.close()?;
    Ok(bytes)
}

fn external(error: serde_json::Error) -> ParquetError {
    ParquetError::External(error.into())
}

fn schema(footer: &Footer) -> Result<TypePtr, ParquetError> {
    let field = |(name, kind): &(String, ColumnType)| {
        let (physical, logical) = match kind {
            ColumnType::Number => (PhysicalType::DOUBLE, None),
            ColumnType::Bool => (PhysicalType::BOOLEAN, None),
            ColumnType::Text | ColumnType::Image => {
                (PhysicalType::BYTE_ARRAY, Some(LogicalType::String))
            }
        };
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = footer.columns.iter().map(field).collect::<Result<_, _>>()?;
    Type::group_type_builder("table").with_fields(fields).build().map(Arc::new)
}

fn write_column<E: From<ParquetError>>(
    group: &mut SerializedRowGroupWriter<'_, Out<'_>>,
    rows: &[Vec<Cell>],
    column: usize,
    kind: ColumnType,
    keep: &mut impl FnMut(&Image) -> Result<MediaHash, E>,
) -> Result<(), E> {
    let cells = || rows.iter().map(|row| row.get(column).unwrap_or(&Cell::Null));
    match kind {
        ColumnType::Number => {
            write::<DoubleType>(
                group,
                cells().map(|cell| match cell {
                    Cell::Number(number) => Some(*number),
                    _ => None,
                }),
            )?;
        }
        ColumnType::Bool => {
            write::<BoolType>(
                group,
                cells().map(|cell| match cell {
                    Cell::Bool(is) => Some(*is),
                    _ => None,
                }),
            )?;
        }
        ColumnType::Text => write::<ByteArrayType>(group, cells().map(text))?,
        ColumnType::Image => {
            let hash = |cell: &Cell| match cell {
                Cell::Image(image) => keep(image).map(|hash| Some(ByteArray::from(hash.as_str()))),
                _ => Ok(None),
            };
            let hashes: Vec<Option<ByteArray>> = cells().map(hash).collect::<Result<_, E>>()?;
            write::<ByteArrayType>(group, hashes.into_iter())?;
        }
    }
    Ok(())
}

/// A cell of a column of texts, which may have others among them.
fn text(cell: &Cell) -> Option<ByteArray> {
    let text = match cell {
        Cell::Text(text) => return Some(ByteArray::from(text.as_str())),
        Cell::Number(number) => number.to_string(),
        Cell::Bool(is) => is.to_string(),
        Cell::Null | Cell::Image(_) => return None,
    };
    Some(ByteArray::from(text.as_str()))
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Out<'_>>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    let mut column = group
        .next_column()?
        .ok_or_else(|| ParquetError::General("the schema has other columns".into()))?;
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}
