//! Writes points in order as a Parquet part.
//!
//! The columns of a row group are written one after the other, each a page at a time, straight
//! from the log's bytes: no column is ever held in memory as a whole.

use std::{collections::BTreeMap, fs::File, ops::Range, sync::Arc};

use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::{ByteArray, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        statistics::Statistics,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::ColumnPath,
};

use crate::{
    RunId, Writer,
    format::{
        block::{BLOCK_ROWS, Block, BlockEnd, ValueCounts},
        part_index::{self, Span},
        part_schema::{self, PAGES_KEY, SUMMARY_KEY, VERSION, VERSION_KEY},
    },
    store::{
        constant_column::ConstantColumn,
        sorted_log::{Row, SortedLog},
    },
    summary::Accumulator,
};

/// Rows of one page, the same in all columns of numbers, so that a reader can skip pages of all.
const PAGE_ROWS: usize = 4_096;

/// A row group ends at the first metric's end from here on …
const GROUP_ROWS: usize = 64 * 1_024;

/// … and here at the latest.
const MAX_GROUP_ROWS: usize = 1 << 20;

/// Writes all points of a log into an empty file.
pub(crate) fn write(
    file: &File,
    run: &RunId,
    writer: Writer,
    log: &SortedLog<'_>,
) -> Result<(), ParquetError> {
    let properties = Arc::new(properties()?);
    let mut parquet = SerializedFileWriter::new(file, part_schema::schema()?, properties)?;
    let mut part = PartWriter { run, writer, log, spans: Vec::new() };
    for (number, group) in groups(&log.metrics).iter().enumerate() {
        part.write_group(&mut parquet, number, group)?;
    }
    let summary = serde_json::to_string(&part.summaries())
        .map_err(|error| ParquetError::External(error.into()))?;
    let pages = part_index::encode(&part.spans);
    for (key, value) in [(VERSION_KEY, VERSION.into()), (SUMMARY_KEY, summary), (PAGES_KEY, pages)]
    {
        parquet.append_key_value_metadata(KeyValue::new(key.into(), value));
    }
    parquet.close()?;
    Ok(())
}

/// How the numbers are encoded. The other columns are written by [`ConstantColumn`].
fn properties() -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_dictionary_enabled(false)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(format!("tracker-core {}", env!("CARGO_PKG_VERSION")));
    for (name, encoding) in [
        ("step", Encoding::DELTA_BINARY_PACKED),
        ("time", Encoding::DELTA_BINARY_PACKED),
        ("value", Encoding::BYTE_STREAM_SPLIT),
        ("seq", Encoding::DELTA_BINARY_PACKED),
    ] {
        properties = properties.set_column_encoding(ColumnPath::from(name), encoding);
    }
    Ok(properties.build())
}

/// Some rows of one metric.
type Rows<'a> = (&'a str, Range<usize>);

/// The metrics as row groups: those that follow one another, until they are enough.
fn groups(metrics: &[(String, Range<usize>)]) -> Vec<Vec<Rows<'_>>> {
    let mut groups = Vec::new();
    let mut group: Vec<Rows<'_>> = Vec::new();
    let mut len = 0;
    for (metric, rows) in metrics {
        for start in rows.clone().step_by(MAX_GROUP_ROWS) {
            let rows = start..rows.end.min(start + MAX_GROUP_ROWS);
            if len + rows.len() > MAX_GROUP_ROWS {
                groups.push(std::mem::take(&mut group));
                len = 0;
            }
            len += rows.len();
            group.push((metric, rows));
        }
        if len >= GROUP_ROWS {
            groups.push(std::mem::take(&mut group));
            len = 0;
        }
    }
    if !group.is_empty() {
        groups.push(group);
    }
    groups
}

/// What is needed for each row group, and what the footer will say.
struct PartWriter<'a> {
    run: &'a RunId,
    writer: Writer,
    log: &'a SortedLog<'a>,
    spans: Vec<Span>,
}

impl PartWriter<'_> {
    fn write_group(
        &mut self,
        parquet: &mut SerializedFileWriter<&File>,
        number: usize,
        metrics: &[Rows<'_>],
    ) -> Result<(), ParquetError> {
        let (Some((_, first)), Some((_, last))) = (metrics.first(), metrics.last()) else {
            return Ok(());
        };
        let rows = first.start..last.end;
        let columns = parquet.schema_descr().columns().to_vec();
        let mut group = parquet.next_row_group()?;
        for column in columns {
            match column.name() {
                "run" => texts(&[(self.run.as_str(), rows.clone())]).write(&mut group, column)?,
                "key" => texts(metrics).write(&mut group, column)?,
                "writer" => self.writers(rows.len()).write(&mut group, column)?,
                "step" => {
                    self.integers(&mut group, rows.clone(), |row| row.step().cast_signed())?
                }
                "time" => self.integers(&mut group, rows.clone(), |row| row.time())?,
                "value" => {
                    self.column::<DoubleType>(&mut group, rows.clone(), |row| row.value())?
                }
                _ => self.integers(&mut group, rows.clone(), |row| row.seq.cast_signed())?,
            }
        }
        group.close()?;
        for (metric, span) in metrics {
            self.spans.push(Span {
                metric: (*metric).to_owned(),
                writer: self.writer,
                group: number,
                first_row: span.start - rows.start,
                blocks: self.blocks(span.clone()),
            });
        }
        Ok(())
    }

    fn writers(&self, rows: usize) -> ConstantColumn {
        let number = self.writer.number().cast_signed();
        ConstantColumn {
            dictionary: number.to_le_bytes().to_vec(),
            runs: vec![rows],
            statistics: Statistics::int32(Some(number), Some(number), None, Some(0), false),
        }
    }

    fn integers(
        &self,
        group: &mut SerializedRowGroupWriter<'_, &File>,
        rows: Range<usize>,
        value: impl Fn(Row<'_>) -> i64,
    ) -> Result<(), ParquetError> {
        self.column::<Int64Type>(group, rows, value)
    }

    /// Writes the next column of a group in slices of one page, so that pages end at the same
    /// rows in all columns.
    fn column<T: DataType>(
        &self,
        group: &mut SerializedRowGroupWriter<'_, &File>,
        rows: Range<usize>,
        value: impl Fn(Row<'_>) -> T::T,
    ) -> Result<(), ParquetError> {
        let missing = || ParquetError::General("the schema has fewer columns than a row".into());
        let mut column = group.next_column()?.ok_or_else(missing)?;
        let mut page = Vec::with_capacity(PAGE_ROWS);
        for rows in pieces(rows, PAGE_ROWS) {
            page.clear();
            page.extend(self.log.rows(rows).map(&value));
            column.typed::<T>().write_batch(&page, None, None)?;
        }
        column.close()
    }

    fn blocks(&self, rows: Range<usize>) -> Vec<Block> {
        pieces(rows, BLOCK_ROWS).filter_map(|rows| block(self.log.rows(rows))).collect()
    }

    /// Each metric's summary, from its blocks.
    fn summaries(&self) -> BTreeMap<&str, Accumulator> {
        let mut summaries: BTreeMap<&str, Accumulator> = BTreeMap::new();
        for span in &self.spans {
            let Some(more) = Accumulator::of_blocks(&span.blocks, span.writer) else { continue };
            let known = summaries.entry(&span.metric);
            known.and_modify(|sum| sum.merge(&more)).or_insert(more);
        }
        summaries
    }
}

fn pieces(rows: Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(len).map(move |start| start..end.min(start + len))
}

fn texts(texts: &[Rows<'_>]) -> ConstantColumn {
    let mut dictionary = Vec::new();
    for (text, _) in texts {
        dictionary.extend_from_slice(&(text.len() as u32).to_le_bytes());
        dictionary.extend_from_slice(text.as_bytes());
    }
    let value = |text: Option<&str>| text.map(ByteArray::from);
    let min = value(texts.iter().map(|(text, _)| *text).min());
    let max = value(texts.iter().map(|(text, _)| *text).max());
    let runs = texts.iter().map(|(_, rows)| rows.len()).collect();
    let statistics = Statistics::byte_array(min, max, None, Some(0), false);
    ConstantColumn { dictionary, runs, statistics }
}

/// What some rows of one metric hold; `None` without any.
fn block<'a>(mut rows: impl ExactSizeIterator<Item = Row<'a>>) -> Option<Block> {
    let end = |row: Row<'_>| BlockEnd { step: row.step(), seq: row.seq, value: row.value() };
    let count = rows.len() as u32;
    let first = rows.next()?;
    let mut values = ValueCounts::default();
    values.add(first.value());
    let last = rows.fold(first, |_, row| {
        values.add(row.value());
        row
    });
    Some(Block { rows: count, first: end(first), last: end(last), values })
}
