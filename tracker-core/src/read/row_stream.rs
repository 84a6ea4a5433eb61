//! All rows of a run in their order, a few at a time: of a run of any length, a few megabytes are in
//! memory.
//!
//! Each metric's rows are merged from those of the parts, the logs and the rings. Parts are read
//! forwards, as their rows lie in the order of metrics and steps, too.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    ops::Range,
    path::PathBuf,
    sync::Arc,
    vec,
};

use crate::{
    format::layout::RunPaths,
    mounts::named,
    read::{
        Loss, Row, Series, Warning,
        part::Part,
        part_columns::CHUNK_ROWS,
        part_reader::PartReader,
        pieces::{Piece, pieces},
        row::{self, Place},
        sources::Sources,
        superseded::Superseded,
        unsealed_rows::LooseRows,
    },
};

/// How many parts are kept ready to be read on. Another one is found again for each metric.
const MOST_READERS: usize = 32;

/// All rows of a run, metric by metric in the order of their names, and each metric's in the order
/// of step, attempt and seq. Made by [`RunReader::stream`](crate::read::RunReader::stream).
///
/// Each item has some rows, never none, of one metric; those of a metric with many rows come in
/// several items that follow one another.
#[derive(Debug)]
pub struct RowStream {
    parts: Vec<StreamPart>,
    loose: LooseRows,
    superseded: Superseded,
    /// The metrics that have not begun yet, each with the parts that have it.
    metrics: std::collections::btree_map::IntoIter<String, Vec<usize>>,
    current: Option<Merge>,
    warnings: Vec<Warning>,
    unfinished: u64,
    readers: usize,
}

#[derive(Debug)]
struct StreamPart {
    path: PathBuf,
    part: Arc<Part>,
    reader: Option<PartReader>,
    /// The first metric that could not be read, and why, and how many there are.
    failed: Option<(String, String, usize)>,
}

/// One metric's rows while they are put in order.
#[derive(Debug)]
struct Merge {
    metric: String,
    cursors: Vec<Cursor>,
    /// The cursors that have rows, by the place of their next one. Where several have the same
    /// place, the one found first comes first.
    order: BinaryHeap<Reverse<(Place, usize)>>,
}

#[derive(Debug)]
enum Cursor {
    Part {
        index: usize,
        /// Rows that have been decoded.
        rows: VecDeque<Row>,
        rest: VecDeque<Piece>,
    },
    Loose(vec::IntoIter<Row>),
}

impl RowStream {
    pub(crate) fn new(run: &RunPaths, sources: Sources, superseded: Superseded) -> Self {
        let Sources { parts, positions, unfinished, warnings } = sources;
        let loose = LooseRows::new(positions);
        let mut metrics: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for name in loose.metrics() {
            metrics.entry(name.to_owned()).or_default();
        }
        for (index, (_, part, _)) in parts.iter().enumerate() {
            for metric in part.metrics() {
                match metrics.get_mut(metric) {
                    Some(known) => known.push(index),
                    None => drop(metrics.insert(metric.to_owned(), vec![index])),
                }
            }
        }
        let part = |(name, part, _)| {
            let path = run.part(name).to_path_buf();
            StreamPart { path, part, reader: None, failed: None }
        };
        Self {
            parts: parts.into_iter().map(part).collect(),
            loose,
            superseded,
            metrics: metrics.into_iter(),
            current: None,
            warnings,
            unfinished,
            readers: 0,
        }
    }

    /// What could not be read until now. What is known of the run at the beginning is there at
    /// once, damage within parts once the stream has come to it.
    pub fn warnings(&self) -> Vec<Warning> {
        let of_parts = self.parts.iter().filter_map(StreamPart::warning);
        self.warnings.iter().cloned().chain(of_parts).collect()
    }

    /// As [`Points::unfinished`](crate::read::Points::unfinished).
    pub fn unfinished(&self) -> u64 {
        self.unfinished
    }

    fn begin(&mut self, metric: String, parts: &[usize]) -> Merge {
        let mut cursors = Vec::new();
        for index in parts {
            let Some(part) = self.parts.get_mut(*index) else { continue };
            let last_step = |writer| self.superseded.last_step(writer, &metric).map(|step| step.0);
            match pieces(part.part.spans(&metric), last_step) {
                Some(rest) => {
                    cursors.push(Cursor::Part { index: *index, rows: VecDeque::new(), rest });
                }
                None => part.fail(&metric, "too many of its rows are in no order".to_owned()),
            }
        }
        cursors.extend(self.loose.take(&metric).into_iter().map(Cursor::Loose));
        let places = cursors.iter().zip(0..);
        let order = places.filter_map(|(cursor, at)| Some(Reverse((cursor.place()?, at))));
        Merge { order: order.collect(), metric, cursors }
    }

    /// The next rows of a metric; none when it has no more.
    fn more_of(&mut self, merge: &mut Merge) -> Vec<Row> {
        let mut found = Vec::new();
        while found.len() < CHUNK_ROWS
            && let Some(Reverse((_, at))) = merge.order.pop()
        {
            let Some(cursor) = merge.cursors.get_mut(at) else { continue };
            if !self.fill(cursor, &merge.metric) {
                continue;
            }
            let limit = merge.order.peek().map(|Reverse(next)| *next);
            while found.len() < CHUNK_ROWS
                && let Some(place) = cursor.decoded_place()
                && limit.is_none_or(|limit| (place, at) < limit)
                && let Some(row) = cursor.next_row()
            {
                if self.superseded.keeps(row.writer, &merge.metric, row.step) {
                    found.push(row);
                }
            }
            merge.order.extend(cursor.place().map(|place| Reverse((place, at))));
        }
        found
    }

    /// Sees to it that a cursor has decoded rows. `false` if it has no more.
    fn fill(&mut self, cursor: &mut Cursor, metric: &str) -> bool {
        let Cursor::Part { index, rows, rest } = cursor else { return true };
        let Some(part) = self.parts.get_mut(*index) else { return false };
        while rows.is_empty() {
            let Some(piece) = rest.pop_front() else { return false };
            let mut reader = part.reader.take();
            self.readers -= usize::from(reader.is_some());
            let decoded = part.decode(&piece, metric, &mut reader);
            if self.readers < MOST_READERS && reader.as_ref().is_some_and(PartReader::can_go_on) {
                part.reader = reader;
                self.readers += 1;
            }
            match decoded {
                Ok(more) => *rows = more.into(),
                Err(error) => {
                    part.fail(metric, error.to_string());
                    rest.clear();
                }
            }
        }
        true
    }
}

impl Iterator for RowStream {
    type Item = Series;

    fn next(&mut self) -> Option<Series> {
        loop {
            let mut merge = if let Some(merge) = self.current.take() {
                merge
            } else {
                let (metric, parts) = self.metrics.next()?;
                self.begin(metric, &parts)
            };
            let rows = self.more_of(&mut merge);
            if rows.is_empty() {
                continue;
            }
            let metric = merge.metric.clone();
            self.current = Some(merge);
            return Some(Series { metric, rows });
        }
    }
}

impl StreamPart {
    /// The rows of a piece in their order.
    fn decode(
        &self,
        piece: &Piece,
        metric: &str,
        reader: &mut Option<PartReader>,
    ) -> parquet::errors::Result<Vec<Row>> {
        let spans = self.part.spans(metric);
        let reader = reader.get_or_insert_with(|| PartReader::new(Arc::clone(&self.part), true));
        let mut found = Vec::new();
        for (span, rows) in &piece.ranges {
            let Some(span) = spans.get(*span) else { continue };
            let rows: Range<usize> = rows.clone();
            reader.read(span, rows, |points| found.extend(points.rows(span.writer)))?;
        }
        row::sort(&mut found);
        Ok(found)
    }

    fn fail(&mut self, metric: &str, error: String) {
        let first = self.failed.get_or_insert_with(|| (metric.to_owned(), error, 0));
        first.2 += 1;
    }

    /// One for the part, however many metrics it costs.
    fn warning(&self) -> Option<Warning> {
        let (metric, error, count) = self.failed.as_ref()?;
        let more = match count - 1 {
            0 => String::new(),
            more => format!(" and {more} more metrics"),
        };
        Some(Warning::new(
            Loss::Points,
            format!(
                "failed to read {metric}{more} from {}: {error}; points are missing here",
                named(&self.path)
            ),
        ))
    }
}

impl Cursor {
    /// The place of the next row, or one before it that no other row of the cursor has; `None` at
    /// the end.
    fn place(&self) -> Option<Place> {
        let Self::Part { rest, .. } = self else { return self.decoded_place() };
        self.decoded_place().or_else(|| rest.front().map(|piece| piece.first))
    }

    /// The place of the next row that needs no decoding.
    fn decoded_place(&self) -> Option<Place> {
        match self {
            Self::Part { rows, .. } => rows.front().map(Place::of),
            Self::Loose(rows) => rows.as_slice().first().map(Place::of),
        }
    }

    fn next_row(&mut self) -> Option<Row> {
        match self {
            Self::Part { rows, .. } => rows.pop_front(),
            Self::Loose(rows) => rows.next(),
        }
    }
}

/// All rows that are left, each metric's as one series.
pub(crate) fn collect(stream: &mut RowStream) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for mut more in stream {
        match all.last_mut() {
            Some(last) if last.metric == more.metric => last.rows.append(&mut more.rows),
            _ => all.push(more),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        Step, Timestamp, Writer,
        format::run_file::Resume,
        read::{part_cache::PartCache, row, sources::Positions},
        testing::parts::{TestPoint, TestRun},
    };

    const RESUMED: Writer = Writer { rank: 0, attempt: 2 };

    /// Points of a part or a log: its writer, and how steps go on.
    #[derive(Debug, Clone)]
    struct Drawn {
        writer: Writer,
        metrics: u32,
        first_step: u64,
        back: u64,
        count: u64,
        is_sealed: bool,
    }

    fn drawn() -> impl Strategy<Value = Drawn> {
        let writer = (0_u16..2, 1_u16..4).prop_map(|(rank, attempt)| Writer { rank, attempt });
        (writer, 1_u32..5, 0_u64..5_000, 0_u64..3, 1_u64..9_000, any::<bool>()).prop_map(
            |(writer, metrics, first_step, back, count, is_sealed)| Drawn {
                writer,
                metrics,
                first_step,
                back,
                count,
                is_sealed,
            },
        )
    }

    fn point(drawn: &Drawn, n: u64) -> TestPoint {
        // Now and then a step goes back, as after a restart within one process.
        let back = if n.is_multiple_of(700) { drawn.back * 900 } else { 0 };
        let step = (drawn.first_step + n / u64::from(drawn.metrics)).saturating_sub(back);
        let key = (n % u64::from(drawn.metrics)) as u32;
        TestPoint { key, step, value: if n.is_multiple_of(97) { f64::NAN } else { n as f64 } }
    }

    fn stream(run: &TestRun, superseded: &Superseded) -> RowStream {
        let sources = Sources::find(&run.paths, &PartCache::default(), &Positions::new()).unwrap();
        RowStream::new(&run.paths, sources, superseded.clone())
    }

    /// With NaN equal to itself.
    fn shown(series: &[Series]) -> String {
        format!("{series:?}")
    }

    /// What the points come to, one by one.
    fn expected(drawn: &[Drawn], superseded: &Superseded) -> Vec<Series> {
        let mut metrics: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for (drawn, first) in drawn.iter().zip((0_u64..).step_by(100_000)) {
            for n in 0..drawn.count {
                let (point, seq) = (point(drawn, n), first + n);
                let metric = format!("m{}", point.key);
                let (step, time) = (Step(point.step), Timestamp(seq as i64 * 10));
                if superseded.keeps(drawn.writer, &metric, step) {
                    let row = Row { step, time, value: point.value, writer: drawn.writer, seq };
                    metrics.entry(metric).or_default().push(row);
                }
            }
        }
        let series = |(metric, mut rows): (String, Vec<Row>)| {
            row::sort(&mut rows);
            Series { metric, rows }
        };
        metrics.into_iter().map(series).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn a_stream_has_the_rows_of_all_sources_in_order(
            drawn in prop::collection::vec(drawn(), 0..6), cut in proptest::option::of(0_u64..9_000)
        ) {
            let run = TestRun::new();
            for (drawn, first) in drawn.iter().zip((0_u64..).step_by(100_000)) {
                let points: Vec<_> = (0..drawn.count).map(|n| point(drawn, n)).collect();
                if drawn.is_sealed {
                    run.part(drawn.writer, first, &points);
                } else {
                    run.log(drawn.writer, first, &points);
                }
            }
            let supersedes = drawn.iter().map(|drawn| drawn.writer);
            let supersedes = supersedes.filter(|writer| writer.attempt == 1).collect();
            let resume = |cut| Resume { writer: RESUMED, supersedes, after_step: Step(cut) };
            let superseded = Superseded::of(&cut.map(resume).into_iter().collect::<Vec<_>>());
            let expected = expected(&drawn, &superseded);
            let mut stream = stream(&run, &superseded);
            prop_assert_eq!(shown(&collect(&mut stream)), shown(&expected));
            prop_assert_eq!(stream.warnings(), vec![]);
        }
    }

    #[test]
    fn more_parts_than_are_kept_ready_are_streamed_too() {
        let run = TestRun::new();
        for part in 0..MOST_READERS as u64 + 8 {
            let points: Vec<_> = (0..300)
                .map(|n| TestPoint { key: n as u32 % 3, step: part * 300 + n, value: 0.0 })
                .collect();
            run.part(Writer { rank: 0, attempt: 1 }, part * 300, &points);
        }
        let series = collect(&mut stream(&run, &Superseded::default()));
        let counts: Vec<_> = series.iter().map(|series| series.rows.len()).collect();
        assert_eq!(counts, [4_000, 4_000, 4_000]);
        assert!(series[1].rows.is_sorted_by_key(Place::of));
    }

    #[test]
    fn a_page_that_is_damaged_costs_one_warning_for_its_part() {
        let run = TestRun::new();
        let points: Vec<_> =
            (0..9_000).map(|n| TestPoint { key: n % 3, step: n.into(), value: 0.5 }).collect();
        let path = run.part(Writer { rank: 0, attempt: 1 }, 0, &points);
        let mut stream = stream(&run, &Superseded::default());
        std::fs::File::options().write(true).open(&path).unwrap().set_len(4).unwrap();
        assert_eq!(collect(&mut stream), []);
        let warnings: Vec<String> = stream.warnings().iter().map(Warning::to_string).collect();
        let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
        assert!(warning.starts_with("failed to read m0 and 2 more metrics from "), "{warning}");
    }
}
