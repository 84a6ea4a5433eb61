//! Reads Parquet parts.

use std::{
    collections::BTreeMap,
    ops::{Range, RangeInclusive},
    panic::{AssertUnwindSafe, catch_unwind},
};

use parquet::{
    errors::{ParquetError, Result},
    file::{
        metadata::KeyValue,
        reader::FileReader,
        serialized_reader::{ReadOptionsBuilder, SerializedFileReader},
    },
};

use crate::{
    Step, Timestamp,
    format::{
        folder::StorePath,
        part_index::{self, Span},
        part_schema::PAGES_KEY,
    },
    read::{
        Row,
        part_columns::{Columns, Points},
        part_file::PartFile,
        row,
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
    pub(crate) fn open(path: &StorePath) -> Result<Self> {
        unless_it_panics(|| Self::open_inner(path))
    }

    fn open_inner(path: &StorePath) -> Result<Self> {
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
        let summaries = summaries(&spans);
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
    #[cfg(test)]
    pub(crate) fn blocks(
        &self,
        metric: &str,
    ) -> impl Iterator<Item = &crate::format::block::Block> {
        self.spans(metric).iter().flat_map(|span| &span.blocks)
    }

    /// The rows of a metric between two steps, both included, in the order of steps and, within a
    /// step, of storage. Pages outside are not decoded.
    pub(crate) fn rows(&self, metric: &str, steps: &RangeInclusive<u64>) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        for span in self.spans(metric) {
            let Some(rows) = rows_between(span, steps) else { continue };
            found.reserve(rows.len());
            self.span_rows(span, rows, |row| {
                if steps.contains(&row.step.0) {
                    found.push(row);
                }
            })?;
        }
        row::sort(&mut found);
        Ok(found)
    }

    fn span_rows(&self, span: &Span, rows: Range<usize>, mut each: impl FnMut(Row)) -> Result<()> {
        let mut times = self.columns.times(&self.reader, span, &rows)?;
        let mut chunk = Vec::new();
        self.points(span, rows, |points| {
            times.read(&mut chunk, points.len())?;
            for (point, time) in points.iter().zip(&chunk) {
                each(Row {
                    step: Step(point.step),
                    time: Timestamp(*time),
                    value: point.value,
                    writer: span.writer,
                    seq: point.seq,
                });
            }
            Ok(())
        })
    }

    /// Gives some rows of a span, counted within it and without their times, to `each`, a chunk at
    /// a time.
    pub(crate) fn points(
        &self,
        span: &Span,
        rows: Range<usize>,
        mut each: impl FnMut(&Points) -> Result<()>,
    ) -> Result<()> {
        unless_it_panics(|| {
            let mut reader = self.columns.points(&self.reader, span, rows)?;
            let mut points = Points::default();
            loop {
                reader.read(&mut points)?;
                if points.len() == 0 {
                    return Ok(());
                }
                each(&points)?;
            }
        })
    }
}

/// Reads what may be damaged in a way that the `parquet` crate does not expect: a panic in it is an
/// error of the file, not the end of the program that looks at it.
fn unless_it_panics<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(ParquetError::General("the file is damaged in a way that cannot be decoded".into()))
    })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Writer,
        format::part_schema::SUMMARY_KEY,
        test_parts::{TestPoint, TestRun},
    };

    const WRITER: Writer = Writer { rank: 3, attempt: 2 };

    fn floats() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            -9.0..9.0,
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(-0.0),
            Just(0.0)
        ]
    }

    /// Points of a few metrics, many of the first, whose steps go forwards or anywhere.
    fn points() -> impl Strategy<Value = Vec<TestPoint>> {
        let steps = prop_oneof![Just(true), Just(false)];
        let numbers = prop::collection::vec((0_u32..6, any::<u64>(), floats()), 1..400);
        (numbers, steps, 1_usize..12).prop_map(|(numbers, forwards, times)| {
            let mut points = Vec::new();
            for turn in 0..times {
                for (n, (key, step, value)) in numbers.iter().enumerate() {
                    let key = key.saturating_sub(3);
                    let at = (turn * numbers.len() + n) as u64;
                    let step = if forwards { at / 2 } else { *step >> (step % 64) };
                    points.push(TestPoint { key, step, value: value + turn as f64 });
                }
            }
            points
        })
    }

    fn recount(points: &[TestPoint]) -> BTreeMap<String, Accumulator> {
        let mut sums: BTreeMap<String, Accumulator> = BTreeMap::new();
        for (point, seq) in points.iter().zip(7..) {
            let more = Accumulator::of(point.value, point.step, WRITER, seq);
            let sum = sums.entry(format!("m{}", point.key));
            sum.and_modify(|sum| sum.merge(&more)).or_insert(more);
        }
        sums
    }

    /// With all bits of the value, so that NaN equals itself.
    type RowBits = (u64, u64, i64, u64, Writer);

    fn expected(points: &[TestPoint], key: u32, steps: &RangeInclusive<u64>) -> Vec<RowBits> {
        let rows = (7..).zip(points).filter(|(_, point)| point.key == key);
        let wanted = rows.filter(|(_, point)| steps.contains(&point.step));
        let mut rows: Vec<RowBits> = wanted
            .map(|(seq, point)| (point.step, seq, seq as i64 * 10, point.value.to_bits(), WRITER))
            .collect();
        rows.sort_unstable_by_key(|row| (row.0, row.1));
        rows
    }

    fn found(part: &Part, key: u32, steps: &RangeInclusive<u64>) -> Vec<RowBits> {
        let rows = part.rows(&format!("m{key}"), steps).unwrap();
        let bits = |row: &Row| (row.step.0, row.seq, row.time.0, row.value.to_bits(), row.writer);
        rows.iter().map(bits).collect()
    }

    /// The part with another text of the same length in place of one in its footer.
    fn replace(path: &StorePath, old: &[u8], new: &[u8]) {
        let mut bytes = std::fs::read(path).unwrap();
        let at = bytes.windows(old.len()).rposition(|window| window == old).unwrap();
        bytes[at..at + new.len()].copy_from_slice(new);
        std::fs::write(path, bytes).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn rows_and_summaries_are_those_that_were_logged(
            points in points(), a in any::<u64>(), b in any::<u64>(), shift in 0_u32..64
        ) {
            let run = TestRun::new();
            let path = run.part(WRITER, 7, &points);
            let steps = (a >> shift).min(b >> shift)..=(a >> shift).max(b >> shift);
            let sums = serde_json::to_string(&recount(&points)).unwrap();
            let check = |part: &Part| {
                prop_assert_eq!(&serde_json::to_string(part.summaries()).unwrap(), &sums);
                for key in 0..4 {
                    for steps in [&steps, &(0..=u64::MAX)] {
                        prop_assert_eq!(found(part, key, steps), expected(&points, key, steps));
                    }
                    let known: u64 = part.blocks(&format!("m{key}")).map(|block| u64::from(block.rows)).sum();
                    prop_assert_eq!(known as usize, expected(&points, key, &(0..=u64::MAX)).len());
                }
                Ok(())
            };
            let part = Part::open(&path).unwrap();
            prop_assert_eq!(entry(&part.reader, SUMMARY_KEY), Some(sums.as_str()));
            prop_assert!(part.reader.metadata().page_index().is_some());
            prop_assert!(stored_spans(&part.reader).is_some());
            check(&part)?;
            // Without the footer's help, the same is found by decoding.
            replace(&path, PAGES_KEY.as_bytes(), b"another.entry");
            let part = Part::open(&path).unwrap();
            prop_assert!(stored_spans(&part.reader).is_none());
            check(&part)?;
        }

        #[test]
        fn a_damaged_part_does_no_harm(points in points(), bit in any::<prop::sample::Index>()) {
            let run = TestRun::new();
            let path = run.part(WRITER, 7, &points);
            let mut bytes = std::fs::read(&path).unwrap();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, bytes).unwrap();
            if let Ok(part) = Part::open(&path) {
                for metric in part.metrics() {
                    let _ = part.rows(metric, &(0..=u64::MAX));
                }
            }
        }
    }

    #[test]
    fn a_damaged_index_is_not_believed() {
        let run = TestRun::new();
        let points: Vec<_> =
            (0..3_000).map(|step| TestPoint { key: 1, step, value: step as f64 }).collect();
        let path = run.part(WRITER, 7, &points);
        let stored = part_index::encode(Part::open(&path).unwrap().spans("m1"));
        let damaged = stored.replacen('A', "B", 1);
        replace(&path, stored.as_bytes(), damaged.as_bytes());
        let part = Part::open(&path).unwrap();
        assert!(stored_spans(&part.reader).is_none());
        assert_eq!(part.rows("m1", &(10..=2_990)).unwrap().len(), 2_981);
    }

    #[test]
    fn a_file_that_is_no_part_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for content in ["", "PAR1", "PAR1PAR1PAR1PAR1"] {
            let path = StorePath::named(folder.path()).child("part.parquet");
            std::fs::write(&path, content).unwrap();
            Part::open(&path).unwrap_err();
        }
    }
}
