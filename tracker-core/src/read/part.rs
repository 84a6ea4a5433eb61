//! Reads Parquet parts.

use std::{
    collections::BTreeMap,
    ops::{Range, RangeInclusive},
    path::Path,
};

use parquet::{
    errors::Result,
    file::{
        metadata::KeyValue,
        reader::FileReader,
        serialized_reader::{ReadOptionsBuilder, SerializedFileReader},
    },
};

use crate::{
    Step, Timestamp,
    format::{
        block::Block,
        part_index::{self, Span},
        part_schema::{PAGES_KEY, SUMMARY_KEY},
    },
    read::{
        Row,
        part_columns::{Columns, Points},
        part_file::PartFile,
    },
    summary::Accumulator,
};

/// An open part. Its footer is read once; parts never change, so it can be kept for as long as
/// somebody asks for its points, from any thread.
pub(crate) struct Part {
    reader: SerializedFileReader<PartFile>,
    columns: Columns,
    metrics: BTreeMap<String, Vec<Span>>,
    summaries: BTreeMap<String, Accumulator>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("summaries", &self.summaries).finish_non_exhaustive()
    }
}

impl Part {
    /// Opens the part at `path`. Of a part whose footer does not say where its rows are, or not
    /// the truth, all rows are decoded once to find out.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let options = ReadOptionsBuilder::new().with_page_index().build();
        let reader = match SerializedFileReader::new_with_options(PartFile::open(path)?, options) {
            Ok(reader) => reader,
            // Parquet's own index is a help, not a need.
            Err(_) => SerializedFileReader::new(PartFile::open(path)?)?,
        };
        let columns = Columns::find(reader.metadata().file_metadata().schema_descr())?;
        let spans = match stored_spans(&reader) {
            Some(spans) => spans,
            None => columns.spans(&reader)?,
        };
        let summaries = stored_summaries(&reader).unwrap_or_else(|| summaries(&spans));
        let mut metrics: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for span in spans {
            metrics.entry(span.metric.clone()).or_default().push(span);
        }
        Ok(Self { reader, columns, metrics, summaries })
    }

    /// Each metric's summary.
    pub(crate) fn summaries(&self) -> &BTreeMap<String, Accumulator> {
        &self.summaries
    }

    /// The names of the metrics that have points.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// Where a metric's rows are. Those of a span are in the order of their blocks.
    pub(crate) fn spans(&self, metric: &str) -> &[Span] {
        self.metrics.get(metric).map_or(&[], Vec::as_slice)
    }

    /// What is known of a metric's rows without decoding them.
    pub(crate) fn blocks(&self, metric: &str) -> impl Iterator<Item = &Block> {
        self.spans(metric).iter().flat_map(|span| &span.blocks)
    }

    /// The rows of a metric between two steps, both included, in the order of steps and, within a
    /// step, of storage. Pages outside are not decoded.
    pub(crate) fn rows(&self, metric: &str, steps: &RangeInclusive<u64>) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        for span in self.spans(metric) {
            let Some(rows) = rows_between(span, steps) else { continue };
            let points = self.points(span, rows.clone())?;
            let times = self.columns.times(&self.reader, span, rows)?;
            found.extend(points.iter().zip(times).filter_map(|(point, time)| {
                steps.contains(&point.step).then_some(Row {
                    step: Step(point.step),
                    time: Timestamp(time),
                    value: point.value,
                    writer: span.writer,
                    seq: point.seq,
                })
            }));
        }
        let order = |row: &Row| (row.step, row.writer.attempt, row.seq, row.writer.rank);
        if !found.is_sorted_by_key(order) {
            found.sort_by_key(order);
        }
        Ok(found)
    }

    /// Steps and values of a metric between two steps, both included, without the other columns.
    pub(crate) fn values(
        &self,
        metric: &str,
        steps: &RangeInclusive<u64>,
    ) -> Result<Vec<(u64, f64)>> {
        let mut found = Vec::new();
        for span in self.spans(metric) {
            let Some(rows) = rows_between(span, steps) else { continue };
            let values = self.columns.values(&self.reader, span, rows)?;
            found.extend(values.into_iter().filter(|(step, _)| steps.contains(step)));
        }
        Ok(found)
    }

    /// Some rows of a span, counted within it, without their times.
    pub(crate) fn points(&self, span: &Span, rows: Range<usize>) -> Result<Points> {
        self.columns.points(&self.reader, span, rows)
    }
}

/// The rows of a part by metric: all of them, or those of one metric.
pub(crate) fn rows(path: &Path, only: Option<&str>) -> Result<BTreeMap<String, Vec<Row>>> {
    let part = Part::open(path)?;
    let wanted = part.metrics().filter(|metric| only.is_none_or(|only| only == *metric));
    wanted.map(|metric| Ok((metric.to_owned(), part.rows(metric, &(0..=u64::MAX))?))).collect()
}

/// Each metric's summary over a part.
pub(crate) fn summary(path: &Path) -> Result<BTreeMap<String, Accumulator>> {
    Part::open(path).map(|part| part.summaries)
}

/// The rows of the blocks that reach between two steps, from the first such block to the last.
fn rows_between(span: &Span, steps: &RangeInclusive<u64>) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    let mut start = 0;
    for block in &span.blocks {
        let end = start + block.rows as usize;
        if block.first.step <= *steps.end() && block.last.step >= *steps.start() {
            found = Some(found.map_or(start, |found| found.start)..end);
        }
        start = end;
    }
    found
}

/// The footer's word for where the rows are, unless it is missing, damaged or not of these rows.
fn stored_spans(reader: &SerializedFileReader<PartFile>) -> Option<Vec<Span>> {
    let spans = part_index::decode(entry(reader, PAGES_KEY)?)?;
    let groups = reader.metadata().row_groups();
    let mut unknown: Vec<usize> =
        groups.iter().map(|group| usize::try_from(group.num_rows()).ok()).collect::<Option<_>>()?;
    let rows = unknown.clone();
    for span in &spans {
        let of_group = *rows.get(span.group)?;
        if span.first_row.checked_add(span.rows())? > of_group {
            return None;
        }
        let unknown = unknown.get_mut(span.group)?;
        *unknown = unknown.checked_sub(span.rows())?;
    }
    unknown.iter().all(|rows| *rows == 0).then_some(spans)
}

fn stored_summaries(
    reader: &SerializedFileReader<PartFile>,
) -> Option<BTreeMap<String, Accumulator>> {
    serde_json::from_str(entry(reader, SUMMARY_KEY)?).ok()
}

fn entry<'a>(reader: &'a SerializedFileReader<PartFile>, key: &str) -> Option<&'a str> {
    let entries: &Vec<KeyValue> = reader.metadata().file_metadata().key_value_metadata()?;
    entries.iter().find(|entry| entry.key == key)?.value.as_deref()
}

fn summaries(spans: &[Span]) -> BTreeMap<String, Accumulator> {
    let mut summaries: BTreeMap<String, Accumulator> = BTreeMap::new();
    for span in spans {
        let Some(more) = Accumulator::of_blocks(&span.blocks, span.writer) else { continue };
        let known = summaries.entry(span.metric.clone());
        known.and_modify(|sum| sum.merge(&more)).or_insert(more);
    }
    summaries
}
