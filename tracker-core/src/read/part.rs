//! Reads Parquet parts.

use std::{
    collections::BTreeMap,
    ops::{Range, RangeInclusive},
};

use parquet::errors::Result;

use crate::{
    format::{
        block,
        folder::StorePath,
        part_footer::unless_it_panics,
        part_index::{self, Span},
        part_schema::PAGES_KEY,
    },
    read::{
        Row, part_data::PartData, part_file::PartFile, part_reader::PartReader, part_spans, row,
    },
    value::summary::Accumulator,
};

/// An open part. Its footer is read once; parts never change, so it can be kept for as long as
/// somebody asks for its points, from any thread.
#[derive(Debug)]
pub(crate) struct Part {
    data: PartData,
    metrics: BTreeMap<String, Vec<Span>>,
}

impl Part {
    /// Opens the part at `path`. Of a part whose footer does not say where its rows are, or not
    /// the truth, all rows are decoded once to find out.
    pub(crate) fn open(path: &StorePath) -> Result<Self> {
        Self::of(PartFile::open(path)?)
    }

    /// As [`open`](Self::open), of a file that is open.
    pub(crate) fn of(file: PartFile) -> Result<Self> {
        unless_it_panics(|| Self::read_footer(file))
    }

    fn read_footer(file: PartFile) -> Result<Self> {
        let (data, index) = PartData::of(file, PAGES_KEY)?;
        let spans = match index.and_then(|index| stored_spans(&data, &index)) {
            Some(spans) => spans,
            None => part_spans::spans(&data)?,
        };
        let mut metrics: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for span in spans {
            match metrics.get_mut(&span.metric) {
                Some(known) => known.push(span),
                None => drop(metrics.insert(span.metric.clone(), vec![span])),
            }
        }
        Ok(Self { data, metrics })
    }

    pub(crate) fn data(&self) -> &PartData {
        &self.data
    }

    /// Each metric's summary.
    pub(crate) fn summaries(&self) -> impl Iterator<Item = (&str, Accumulator)> {
        self.metrics.iter().filter_map(|(metric, spans)| {
            let sums = spans.iter().filter_map(|span| block::sum_of(&span.blocks, span.writer));
            let sum = sums.reduce(|mut sum, more| {
                sum.merge(&more);
                sum
            });
            Some((metric.as_str(), sum?))
        })
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

    /// As [`rows_by`](Self::rows_by), with a reader of its own.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn rows(
        self: &std::sync::Arc<Self>,
        metric: &str,
        steps: &RangeInclusive<u64>,
    ) -> Result<Vec<Row>> {
        self.rows_by(&mut PartReader::new(std::sync::Arc::clone(self), true), metric, steps)
    }

    /// The rows of a metric between two steps, both included, in the order of steps and, within a
    /// step, of storage. Pages outside are not decoded.
    pub(crate) fn rows_by(
        &self,
        reader: &mut PartReader,
        metric: &str,
        steps: &RangeInclusive<u64>,
    ) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        for span in self.spans(metric) {
            let Some(rows) = rows_between(span, steps) else { continue };
            reader.read(span, rows, |points| {
                let rows = points.rows(span.writer);
                found.extend(rows.filter(|row| steps.contains(&row.step.0)));
            })?;
        }
        row::sort(&mut found);
        Ok(found)
    }
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

/// The footer's word for where the rows are, unless it is damaged or not of these rows.
fn stored_spans(data: &PartData, index: &str) -> Option<Vec<Span>> {
    let spans = part_index::decode(index)?;
    let mut unknown: Vec<usize> = (0..data.groups()).map(|group| data.rows(group)).collect();
    for span in &spans {
        let end = span.first_row.checked_add(span.rows())?;
        let unknown = unknown.get_mut(span.group).filter(|_| end <= data.rows(span.group))?;
        *unknown = unknown.checked_sub(span.rows())?;
    }
    unknown.iter().all(|rows| *rows == 0).then_some(spans)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        Writer,
        format::part_schema::SUMMARY_KEY,
        read::{Series, part_data::ColumnName, write_parquet},
        testing::parts::{TestPoint, TestRun},
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

    fn found(part: &Arc<Part>, key: u32, steps: &RangeInclusive<u64>) -> Vec<RowBits> {
        let rows = part.rows(&format!("m{key}"), steps).unwrap();
        let bits = |row: &Row| (row.step.0, row.seq, row.time.0, row.value.to_bits(), row.writer);
        rows.iter().map(bits).collect()
    }

    /// What the footer says of where the rows are, if it can be believed.
    fn index_of(path: &StorePath) -> Option<Vec<Span>> {
        let (data, index) = PartData::of(PartFile::open(path).unwrap(), PAGES_KEY).unwrap();
        stored_spans(&data, &index?)
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
            let check = |part: &Arc<Part>| {
                let summaries: BTreeMap<_, _> = part.summaries().collect();
                prop_assert_eq!(&serde_json::to_string(&summaries).unwrap(), &sums);
                for key in 0..4 {
                    for steps in [&steps, &(0..=u64::MAX)] {
                        prop_assert_eq!(found(part, key, steps), expected(&points, key, steps));
                    }
                    let known: u64 = part.blocks(&format!("m{key}")).map(|block| u64::from(block.rows)).sum();
                    prop_assert_eq!(known as usize, expected(&points, key, &(0..=u64::MAX)).len());
                }
                Ok(())
            };
            let (data, summary) = PartData::of(PartFile::open(&path).unwrap(), SUMMARY_KEY).unwrap();
            prop_assert_eq!(summary, Some(sums.clone()));
            prop_assert!(data.column(0, ColumnName::Step).unwrap().pages.is_some());
            prop_assert!(index_of(&path).is_some());
            check(&Arc::new(Part::open(&path).unwrap()))?;
            // Without the footer's help, the same is found by decoding.
            replace(&path, PAGES_KEY.as_bytes(), b"another.entry");
            prop_assert!(index_of(&path).is_none());
            check(&Arc::new(Part::open(&path).unwrap()))?;
        }

        #[test]
        fn a_damaged_part_does_no_harm(points in points(), bit in any::<prop::sample::Index>()) {
            let run = TestRun::new();
            let path = run.part(WRITER, 7, &points);
            let mut bytes = std::fs::read(&path).unwrap();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, bytes).unwrap();
            if let Ok(part) = Part::open(&path).map(Arc::new) {
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
        assert!(index_of(&path).is_none());
        let part = Arc::new(Part::open(&path).unwrap());
        assert_eq!(part.rows("m1", &(10..=2_990)).unwrap().len(), 2_981);
    }

    /// Parts that the `parquet` crate panics over.
    fn cases() -> Vec<StorePath> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = StorePath::named(root.join("tests/cases/parts"));
        folder.names().unwrap().into_iter().map(|name| folder.child(name)).collect()
    }

    #[test]
    fn a_part_that_the_decoder_panics_over_is_damaged() {
        let mut damaged = 0;
        for path in cases() {
            let Ok(part) = Part::open(&path).map(Arc::new) else {
                damaged += 1;
                continue;
            };
            let rows = part.metrics().map(|metric| part.rows(metric, &(0..=u64::MAX)));
            damaged += usize::from(rows.filter(Result::is_err).count() > 0);
            for metric in part.metrics() {
                let mut reader = PartReader::new(Arc::clone(&part), false);
                for span in part.spans(metric) {
                    let _ = reader.read(span, 0..span.rows(), |_| ());
                }
            }
        }
        assert_eq!(damaged, 4);
    }

    /// A part whose rows change between metrics at each row, which no footer tells.
    fn interleaved(run: &TestRun, metrics: u32, rows: u64) -> StorePath {
        let point = |n: u64| TestPoint { key: n as u32 % metrics, step: n / 2, value: n as f64 };
        let path = run.part(WRITER, 7, &(0..rows).map(point).collect::<Vec<_>>());
        let part = Arc::new(Part::open(&path).unwrap());
        let series: Vec<_> = part
            .metrics()
            .map(|metric| (metric.to_owned(), part.rows(metric, &(0..=u64::MAX)).unwrap()))
            .collect();
        let mut mixed = Vec::new();
        for turn in 0..rows as usize {
            for (metric, rows) in &series {
                let some = rows.get(turn).map(|row| vec![*row]);
                mixed.extend(some.map(|rows| Series { metric: metric.clone(), rows }));
            }
        }
        let file = std::fs::File::create(&path).unwrap();
        write_parquet(mixed, &run.id, file).unwrap();
        path
    }

    #[test]
    fn rows_of_a_part_without_our_footer_may_change_between_metrics_at_each_row() {
        let run = TestRun::new();
        let part = Arc::new(Part::open(&interleaved(&run, 5, 20_000)).unwrap());
        assert_eq!(part.spans("m1").len(), 4_000);
        let rows = part.rows("m1", &(0..=u64::MAX)).unwrap();
        assert_eq!(rows.len(), 4_000);
        assert!(rows.iter().all(|row| (row.value % 5.0 - 1.0).abs() < 0.1));
    }

    #[test]
    fn a_footer_that_claims_to_be_huge_is_not_read() {
        let run = TestRun::new();
        let path = run.part(WRITER, 7, &[TestPoint { key: 0, step: 0, value: 0.0 }]);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.len() - 8;
        bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        std::fs::write(&path, bytes).unwrap();
        assert!(Part::open(&path).unwrap_err().to_string().contains("64 MiB"));
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
