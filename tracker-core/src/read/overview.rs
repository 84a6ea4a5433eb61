//! A curve of any length as a few buckets, which show every extreme that the points have.

use std::{ops::RangeInclusive, sync::Arc};

use crate::{
    Step, Writer,
    format::{
        block::{Block, BlockEnd, ValueCounts},
        part_index::Span,
    },
    read::{
        Loss, Row, Warning, part::Part, part_columns::Points, part_reader::PartReader,
        step_scale::StepScale,
    },
};

/// How many blocks there must be for each bucket, so that blocks show it as well as points do.
const BLOCKS_A_BUCKET: usize = 2;

/// More buckets are of no use to a screen.
const MOST_BUCKETS: usize = 1 << 16;

/// The points of one metric in a range of steps, in short.
///
/// Its steps are what its points cover, which may reach a little into the next bucket's: where
/// points are many, blocks of them are counted as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Bucket {
    /// The least step of its points.
    pub first_step: Step,
    /// The greatest step of its points.
    pub last_step: Step,
    /// The value of the first point in the order of step, attempt and seq.
    pub first: f64,
    /// The value of the last point in that order.
    pub last: f64,
    /// The least finite value; `None` if there is none.
    pub min: Option<f64>,
    /// The greatest finite value; `None` if there is none.
    pub max: Option<f64>,
    /// How many points, those that are not finite included.
    pub count: u64,
    /// How many of them are not a number.
    pub nan: u64,
    /// How many of them are +∞.
    pub pos_infinite: u64,
    /// How many of them are −∞.
    pub neg_infinite: u64,
}

/// A part to draw from.
#[derive(Debug, Clone)]
pub(crate) struct OverviewPart {
    pub(crate) part: Arc<Part>,
    /// Rows beyond this step are superseded by a later attempt and left out.
    pub(crate) cut: Option<u64>,
}

/// The points of one run of those that a curve is made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct OverviewLayer {
    pub(crate) parts: Vec<OverviewPart>,
    /// Points that are in no part. They need no order, but must all count: the caller leaves out what is
    /// superseded.
    pub(crate) loose: Vec<Row>,
}

/// The points of a metric between two steps, both included, as at most `buckets` buckets of the
/// same width in steps. Empty ones are left out.
///
/// Of `layers`, the points of an earlier one come before those of the same step of a later one. A part that
/// cannot be read costs its points and a warning.
pub(crate) fn overview(
    metric: &str,
    layers: &[OverviewLayer],
    steps: &RangeInclusive<u64>,
    buckets: usize,
    warnings: &mut Vec<Warning>,
) -> Vec<Bucket> {
    let (mut sources, mut loose) = (Vec::<Source<'_>>::new(), Vec::<(u16, &Row)>::new());
    for (layer, of) in (0..).zip(layers) {
        sources.extend(of.parts.iter().flat_map(|part| Source::of(part, layer, metric, steps)));
        let wanted = of.loose.iter().filter(|row| steps.contains(&row.step.0));
        loose.extend(wanted.map(|row| (layer, row)));
    }
    let blocks: usize = sources.iter().map(|source| source.blocks().count()).sum();
    let ends = sources.iter().flat_map(Source::extent);
    let ends = ends.chain(loose.iter().map(|(_, row)| row.step.0));
    let (least, greatest) =
        ends.fold((u64::MAX, 0), |(least, greatest), step| (least.min(step), greatest.max(step)));
    if least > greatest || buckets == 0 {
        return Vec::new();
    }
    let scale = StepScale::new(least..=greatest, buckets.min(MOST_BUCKETS));
    let mut chart = Chart { buckets: vec![None; scale.len()], scale };
    for source in &sources {
        let by_block = blocks / BLOCKS_A_BUCKET >= buckets;
        if let Err(error) = chart.add_source(source, by_block) {
            warnings.push(Warning::new(
                Loss::Points,
                format!("failed to read a part: {error}; some of its points are missing here"),
            ));
        }
    }
    for (layer, row) in loose {
        let end = BlockEnd { step: row.step.0, seq: row.seq, value: row.value };
        let mut values = ValueCounts::default();
        values.add(row.value);
        chart.add_block(&Block { rows: 1, first: end, last: end, values }, layer, row.writer);
    }
    chart.buckets.into_iter().flatten().map(Sum::bucket).collect()
}

/// A span with those steps of it that are wanted.
struct Source<'a> {
    part: &'a Arc<Part>,
    span: &'a Span,
    layer: u16,
    steps: RangeInclusive<u64>,
}

impl<'a> Source<'a> {
    fn of(
        part: &'a OverviewPart,
        layer: u16,
        metric: &str,
        steps: &RangeInclusive<u64>,
    ) -> impl Iterator<Item = Self> {
        let end = part.cut.map_or(*steps.end(), |cut| cut.min(*steps.end()));
        let steps = *steps.start()..=end;
        // A part may be cut off before the range begins.
        let spans = if steps.is_empty() { &[] } else { part.part.spans(metric) };
        let source = move |span| Self { part: &part.part, span, layer, steps: steps.clone() };
        spans.iter().map(source)
    }

    /// The blocks that have wanted steps, each with its first row.
    fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> {
        let mut next = 0;
        let rows = self.span.blocks.iter().map(move |block| {
            let start = next;
            next += block.rows as usize;
            (start, block)
        });
        rows.filter(|(_, block)| {
            block.first.step <= *self.steps.end() && block.last.step >= *self.steps.start()
        })
    }

    /// The least and the greatest step that a wanted point may have.
    fn extent(&self) -> impl Iterator<Item = u64> {
        let ends = self.blocks().flat_map(|(_, block)| [block.first.step, block.last.step]);
        ends.map(|step| step.clamp(*self.steps.start(), *self.steps.end()))
    }

    fn wants_all(&self, block: &Block) -> bool {
        self.steps.contains(&block.first.step) && self.steps.contains(&block.last.step)
    }
}

/// Buckets while they are filled.
struct Chart {
    scale: StepScale,
    buckets: Vec<Option<Sum>>,
}

impl Chart {
    fn add_source(&mut self, source: &Source<'_>, by_block: bool) -> parquet::errors::Result<()> {
        let mut reader = PartReader::new(Arc::clone(source.part), false);
        let mut waiting = 0..0;
        for (start, block) in source.blocks() {
            if by_block && source.wants_all(block) && self.fits(block) {
                self.add_block(block, source.layer, source.span.writer);
                continue;
            }
            if waiting.end != start {
                self.decode(source, waiting, &mut reader)?;
                waiting = start..start;
            }
            waiting.end = start + block.rows as usize;
        }
        self.decode(source, waiting, &mut reader)
    }

    /// Whether a block may count to one bucket: whether it reaches no further than into the next.
    fn fits(&self, block: &Block) -> bool {
        self.scale.bucket(block.last.step) <= self.scale.bucket(block.first.step) + 1
    }

    fn decode(
        &mut self,
        source: &Source<'_>,
        rows: std::ops::Range<usize>,
        reader: &mut PartReader,
    ) -> parquet::errors::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        reader.read(source.span, rows, |points| self.add_points(points, source))
    }

    /// Adds points, those together that follow one another into the same bucket.
    fn add_points(&mut self, points: &Points, source: &Source<'_>) {
        let mut start = 0;
        while start < points.len() {
            let step = points.step(start);
            let mut end = start + 1;
            if source.steps.contains(&step) {
                let bucket = self.scale.steps_of(self.scale.bucket(step));
                let from = *bucket.start().max(source.steps.start());
                let to = *bucket.end().min(source.steps.end());
                while end < points.len() && (from..=to).contains(&points.step(end)) {
                    end += 1;
                }
                if let Some(block) = points.block(start..end) {
                    self.add_block(&block, source.layer, source.span.writer);
                }
            }
            start = end;
        }
    }

    fn add_block(&mut self, block: &Block, layer: u16, writer: Writer) {
        let more = Sum::of(block, layer, writer);
        if let Some(sum) = self.buckets.get_mut(self.scale.bucket(block.first.step)) {
            match sum {
                Some(sum) => sum.merge(&more),
                None => *sum = Some(more),
            }
        }
    }
}

/// The order of points: step, layer, attempt, seq, rank.
type Place = (u64, u16, u16, u64, u16);

/// What is in a bucket so far.
#[derive(Debug, Clone, Copy)]
struct Sum {
    first: (Place, f64),
    last: (Place, f64),
    values: ValueCounts,
    count: u64,
}

impl Sum {
    fn of(block: &Block, layer: u16, writer: Writer) -> Self {
        let Writer { rank, attempt } = writer;
        let end = |end: BlockEnd| ((end.step, layer, attempt, end.seq, rank), end.value);
        Self {
            first: end(block.first),
            last: end(block.last),
            values: block.values,
            count: block.rows.into(),
        }
    }

    fn merge(&mut self, more: &Self) {
        if more.first.0 < self.first.0 {
            self.first = more.first;
        }
        if more.last.0 > self.last.0 {
            self.last = more.last;
        }
        self.values.merge(&more.values);
        self.count += more.count;
    }

    fn bucket(self) -> Bucket {
        let Self { first, last, values, count } = self;
        Bucket {
            first_step: Step(first.0.0),
            last_step: Step(last.0.0),
            first: first.1,
            last: last.1,
            min: values.finite.map(|(min, _)| min),
            max: values.finite.map(|(_, max)| max),
            count,
            nan: values.nan,
            pos_infinite: values.pos_infinite,
            neg_infinite: values.neg_infinite,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Timestamp,
        testing::parts::{TestPoint, TestRun},
    };

    /// The rows of one part as a test draws them.
    #[derive(Debug, Clone)]
    struct Drawn {
        writer: Writer,
        first_step: u64,
        stride: u64,
        count: usize,
        seed: u64,
        cut: Option<u64>,
    }

    fn steps() -> impl Strategy<Value = u64> {
        prop_oneof![
            0_u64..3_000,
            0_u64..10_000,
            (0_u64..20_000).prop_map(|back| u64::MAX - back),
            Just((1 << 63) - 1_500),
        ]
    }

    fn drawn() -> impl Strategy<Value = Drawn> {
        let writer = (0_u16..2, 1_u16..3).prop_map(|(rank, attempt)| Writer { rank, attempt });
        let cut = proptest::option::weighted(0.3, steps());
        (writer, steps(), 0_u64..4, 1_usize..6_000, any::<u64>(), cut).prop_map(
            |(writer, first_step, stride, count, seed, cut)| Drawn {
                writer,
                first_step,
                stride,
                count,
                seed,
                cut,
            },
        )
    }

    /// A number that looks like chance, by two rounds of `SplitMix64`.
    /// <https://prng.di.unimi.it/splitmix64.c>
    fn mix(seed: u64) -> u64 {
        let bits = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    impl Drawn {
        fn points(&self) -> Vec<TestPoint> {
            let point = |n: u64| {
                let chance = mix(self.seed.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
                let value = match chance % 500 {
                    0 => f64::NAN,
                    1 => f64::INFINITY,
                    2 => f64::NEG_INFINITY,
                    3..100 => -0.0,
                    100..200 => 0.0,
                    _ => (chance >> 20) as f64 - 1e12,
                };
                // Some steps go back, as after a restart within one process.
                let back = if chance.is_multiple_of(1_000) { 50 } else { 0 };
                let step = self.first_step.saturating_add(n * self.stride);
                TestPoint { key: 0, step: step.saturating_sub(back), value }
            };
            (0..self.count as u64).map(point).collect()
        }
    }

    fn layer(parts: Vec<OverviewPart>) -> OverviewLayer {
        OverviewLayer { parts, ..OverviewLayer::default() }
    }

    fn row(writer: Writer, seq: u64, point: TestPoint) -> Row {
        let (step, time) = (Step(point.step), Timestamp(seq as i64 * 10));
        Row { step, time, value: point.value, writer, seq }
    }

    fn place(row: &Row) -> Place {
        (row.step.0, 0, row.writer.attempt, row.seq, row.writer.rank)
    }

    /// What a bucket must show, row by row.
    fn by_hand(rows: &[Row], scale: &StepScale) -> Vec<Bucket> {
        let mut buckets: Vec<Vec<&Row>> = vec![Vec::new(); scale.len()];
        for row in rows {
            buckets[scale.bucket(row.step.0)].push(row);
        }
        let bucket = |rows: &Vec<&Row>| {
            let count =
                |is: fn(f64) -> bool| rows.iter().filter(|row| is(row.value)).count() as u64;
            let finite = || rows.iter().map(|row| row.value).filter(|value| value.is_finite());
            let first = rows.iter().min_by_key(|row| place(row))?;
            let last = rows.iter().max_by_key(|row| place(row))?;
            Some(Bucket {
                first_step: first.step,
                last_step: last.step,
                first: first.value,
                last: last.value,
                min: finite().min_by(f64::total_cmp),
                max: finite().max_by(f64::total_cmp),
                count: rows.len() as u64,
                nan: count(f64::is_nan),
                pos_infinite: count(|value| value == f64::INFINITY),
                neg_infinite: count(|value| value == f64::NEG_INFINITY),
            })
        };
        buckets.iter().filter_map(bucket).collect()
    }

    /// As text, in which NaN equals itself and −0.0 is not 0.0.
    fn shown(buckets: &[Bucket]) -> String {
        format!("{buckets:?}")
    }

    fn check(buckets: &[Bucket], rows: &[Row], wanted: usize) -> Result<(), TestCaseError> {
        prop_assert!(buckets.len() <= wanted);
        prop_assert!(buckets.is_sorted_by(|a, b| a.first_step < b.first_step));
        let sum = |of: fn(&Bucket) -> u64| buckets.iter().map(of).sum::<u64>();
        let count = |is: fn(f64) -> bool| rows.iter().filter(|row| is(row.value)).count() as u64;
        prop_assert_eq!(sum(|bucket| bucket.count), rows.len() as u64);
        prop_assert_eq!(sum(|bucket| bucket.nan), count(f64::is_nan));
        prop_assert_eq!(sum(|bucket| bucket.pos_infinite), count(|value| value == f64::INFINITY));
        prop_assert_eq!(
            sum(|bucket| bucket.neg_infinite),
            count(|value| value == f64::NEG_INFINITY)
        );
        for bucket in buckets {
            let steps = bucket.first_step..=bucket.last_step;
            let inside = || rows.iter().filter(|row| steps.contains(&row.step));
            let exists = |value: f64| inside().any(|row| row.value.to_bits() == value.to_bits());
            let at = |step: Step, value: f64| {
                inside().any(|row| row.step == step && row.value.to_bits() == value.to_bits())
            };
            prop_assert!(bucket.min.is_none_or(exists) && bucket.max.is_none_or(exists));
            prop_assert!(at(bucket.first_step, bucket.first) && at(bucket.last_step, bucket.last));
        }
        for row in rows.iter().filter(|row| row.value.is_finite()) {
            let shows = |bucket: &Bucket| {
                (bucket.first_step..=bucket.last_step).contains(&row.step)
                    && bucket.min.is_some_and(|min| min.total_cmp(&row.value).is_le())
                    && bucket.max.is_some_and(|max| max.total_cmp(&row.value).is_ge())
            };
            prop_assert!(buckets.iter().any(shows), "{row:?} is not shown");
        }
        if let Some(last) = rows.iter().max_by_key(|row| place(row)) {
            let is_last = |bucket: &Bucket| {
                bucket.last_step == last.step && bucket.last.to_bits() == last.value.to_bits()
            };
            prop_assert!(buckets.iter().any(is_last));
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn buckets_show_every_extreme_and_count_every_row(
            drawn in prop::collection::vec(drawn(), 0..4),
            loose in prop::collection::vec((steps(), -9.0..9.0), 0..20),
            a in steps(), b in steps(), zoomed: bool,
            wanted in prop_oneof![1_usize..4, 1_usize..40, Just(5_000_usize)],
        ) {
            let run = TestRun::new();
            let mut rows = Vec::new();
            let mut parts = Vec::new();
            let range = if zoomed { a.min(b)..=a.max(b) } else { 0..=u64::MAX };
            for (number, drawn) in (0_u64..).zip(&drawn) {
                let (first, points) = (number * 100_000, drawn.points());
                let path = run.part(drawn.writer, first, &points);
                let part = Arc::new(Part::open(&path).unwrap());
                parts.push(OverviewPart { part, cut: drawn.cut });
                let kept = (first..).zip(points).filter(|(_, point)| {
                    drawn.cut.is_none_or(|cut| point.step <= cut)
                });
                rows.extend(kept.map(|(seq, point)| row(drawn.writer, seq, point)));
            }
            let writer = Writer { rank: 0, attempt: 7 };
            let loose: Vec<Row> = (0..)
                .zip(loose)
                .map(|(seq, (step, value))| row(writer, seq, TestPoint { key: 0, step, value }))
                .collect();
            rows.extend(&loose);
            rows.retain(|row| range.contains(&row.step.0));
            let mut warnings = Vec::new();
            let layers = [OverviewLayer { parts, loose }];
            let buckets = overview("m0", &layers, &range, wanted, &mut warnings);
            prop_assert_eq!(&warnings, &[]);
            check(&buckets, &rows, wanted)?;
            let uncut = !zoomed && drawn.iter().all(|drawn| drawn.cut.is_none());
            if wanted == 5_000 && uncut && !rows.is_empty() {
                let steps = rows.iter().map(|row| row.step.0);
                let scale = StepScale::new(steps.clone().min().unwrap()..=steps.max().unwrap(), wanted);
                prop_assert_eq!(shown(&buckets), shown(&by_hand(&rows, &scale)));
            }
        }
    }

    #[test]
    fn many_points_are_drawn_from_blocks_alone() {
        let run = TestRun::new();
        let points: Vec<_> =
            (0..50_000).map(|step| TestPoint { key: 0, step, value: step as f64 }).collect();
        let path = run.part(Writer { rank: 0, attempt: 1 }, 0, &points);
        let part = Arc::new(Part::open(&path).unwrap());
        // Only a decoded page would notice.
        std::fs::File::options().write(true).open(&path).unwrap().set_len(4).unwrap();
        let mut warnings = Vec::new();
        let layers = [layer(vec![OverviewPart { part, cut: None }])];
        let buckets = overview("m0", &layers, &(0..=u64::MAX), 20, &mut warnings);
        assert_eq!((buckets.len(), warnings.len()), (20, 0));
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 50_000);
        let buckets = overview("m0", &layers, &(0..=u64::MAX), 2_000, &mut warnings);
        assert_eq!((buckets.len(), warnings.len()), (0, 1));
    }

    #[test]
    fn a_part_that_is_cut_off_before_the_range_is_not_seen() {
        let run = TestRun::new();
        let points: Vec<_> =
            (0..1_000).map(|step| TestPoint { key: 0, step, value: step as f64 }).collect();
        let path = run.part(Writer { rank: 0, attempt: 1 }, 0, &points);
        let part = OverviewPart { part: Arc::new(Part::open(&path).unwrap()), cut: Some(500) };
        let mut warnings = Vec::new();
        assert!(overview("m0", &[layer(vec![part])], &(600..=900), 10, &mut warnings).is_empty());
    }

    #[test]
    fn without_points_or_buckets_there_is_nothing_to_see() {
        let mut warnings = Vec::new();
        let loose =
            vec![row(Writer { rank: 0, attempt: 1 }, 0, TestPoint { key: 0, step: 5, value: 1.0 })];
        let layers = [OverviewLayer { loose, ..OverviewLayer::default() }];
        assert!(overview("m0", &layers, &(6..=9), 10, &mut warnings).is_empty());
        assert!(overview("m0", &layers, &(0..=9), 0, &mut warnings).is_empty());
        assert_eq!(overview("m0", &layers, &(5..=5), 10, &mut warnings).len(), 1);
    }
}
