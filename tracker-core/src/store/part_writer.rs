//! Writes points in order as a Parquet part.
//!
//! Rows go from the log's bytes to all columns of numbers a block at a time, so that each is looked
//! at once only; of a row group, no more than its compressed pages are in memory.

use std::{collections::BTreeMap, fs::File, ops::Range, sync::Arc};

use parquet::{
    data_type::ByteArray,
    errors::ParquetError,
    file::{metadata::KeyValue, statistics::Statistics, writer::SerializedFileWriter},
};

use crate::{
    RunId, Writer,
    format::{
        block::{self, BLOCK_ROWS},
        part_index::{self, Span},
        part_properties::{self, Out},
        part_schema::{self, PAGES_KEY, SUMMARY_KEY, VERSION, VERSION_KEY},
    },
    store::{
        constant_column::ConstantColumn,
        number_columns::{Batch, Column, Numbers},
        sorted_log::{MetricRows, SortedLog},
    },
    value::summary::Accumulator,
};

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
    let properties = Arc::new(part_properties::properties()?);
    let mut file = file;
    let mut parquet =
        SerializedFileWriter::new(&mut file as Out<'_>, part_schema::schema()?, properties)?;
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

/// Some rows of one metric.
type Rows<'a> = (&'a str, Range<usize>);

/// The metrics as row groups: those that follow one another, until they are enough.
fn groups(metrics: &[MetricRows]) -> Vec<Vec<Rows<'_>>> {
    let mut groups = Vec::new();
    let mut group: Vec<Rows<'_>> = Vec::new();
    let mut len = 0;
    for MetricRows { name, rows, .. } in metrics {
        for start in rows.clone().step_by(MAX_GROUP_ROWS) {
            let rows = start..rows.end.min(start + MAX_GROUP_ROWS);
            if len + rows.len() > MAX_GROUP_ROWS {
                groups.push(std::mem::take(&mut group));
                len = 0;
            }
            len += rows.len();
            group.push((name, rows));
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
        parquet: &mut SerializedFileWriter<Out<'_>>,
        number: usize,
        metrics: &[Rows<'_>],
    ) -> Result<(), ParquetError> {
        let rows = metrics.iter().map(|(_, rows)| rows.len()).sum();
        let columns = parquet.schema_descr().columns().to_vec();
        let [run, key, step, time, value, writer, seq] = <[_; _]>::try_from(columns)
            .map_err(|_| ParquetError::General("the schema has other columns".into()))?;
        let numbers = Numbers::new([step, time, value, seq], parquet.properties());
        let [step, time, value, seq] = self.numbers(numbers, number, metrics)?;
        let mut group = parquet.next_row_group()?;
        texts(&[(self.run.as_str(), 0..rows)]).write(&mut group, run)?;
        texts(metrics).write(&mut group, key)?;
        for (pages, result) in [step, time, value] {
            group.append_column(&pages, result)?;
        }
        self.writers(rows).write(&mut group, writer)?;
        group.append_column(&seq.0, seq.1)?;
        group.close()?;
        Ok(())
    }

    /// Encodes the numbers of a row group, and notes what its blocks hold.
    fn numbers(
        &mut self,
        numbers: Numbers,
        group: usize,
        metrics: &[Rows<'_>],
    ) -> Result<[Column; 4], ParquetError> {
        let mut batch = Batch::default();
        let mut first_row = 0;
        numbers.encode(|writers| {
            for (metric, rows) in metrics {
                let mut blocks = Vec::with_capacity(rows.len().div_ceil(BLOCK_ROWS));
                for start in rows.clone().step_by(BLOCK_ROWS) {
                    batch.fill(self.log.rows(start..rows.end.min(start + BLOCK_ROWS)));
                    blocks.extend(batch.block());
                    writers.write(&batch)?;
                }
                let (metric, writer) = ((*metric).to_owned(), self.writer);
                self.spans.push(Span { metric, writer, group, first_row, blocks });
                first_row += rows.len();
            }
            Ok(())
        })
    }

    fn writers(&self, rows: usize) -> ConstantColumn {
        let number = self.writer.number().cast_signed();
        ConstantColumn {
            dictionary: number.to_le_bytes().to_vec(),
            runs: vec![rows],
            statistics: Statistics::int32(Some(number), Some(number), None, Some(0), false),
        }
    }

    /// Each metric's summary, from its blocks.
    fn summaries(&self) -> BTreeMap<&str, Accumulator> {
        let mut summaries: BTreeMap<&str, Accumulator> = BTreeMap::new();
        for span in &self.spans {
            let Some(more) = block::sum_of(&span.blocks, span.writer) else { continue };
            let known = summaries.entry(&span.metric);
            known.and_modify(|sum| sum.merge(&more)).or_insert(more);
        }
        summaries
    }
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
