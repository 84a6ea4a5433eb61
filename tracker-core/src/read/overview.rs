//! A curve of any length as a few buckets, which show every extreme that the points have.

use std::{ops::RangeInclusive, sync::Arc};

use crate::{
    Step, Writer,
    format::{
        block::{Block, BlockEnd, ValueCounts},
        part_index::Span,
    },
    read::{Row, Warning, part::Part, part_columns::Points, step_scale::StepScale},
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

/// The points of a metric between two steps, both included, as at most `buckets` buckets of the
/// same width in steps. Empty ones are left out.
///
/// `loose` are points that are in no part. They need no order, but must all count: the caller
/// leaves out what is superseded. A part that cannot be read costs its points and a warning.
pub(crate) fn overview(
    metric: &str,
    parts: &[OverviewPart],
    loose: &[Row],
    steps: &RangeInclusive<u64>,
    buckets: usize,
    warnings: &mut Vec<Warning>,
) -> Vec<Bucket> {
    let sources: Vec<Source<'_>> =
        parts.iter().flat_map(|part| Source::of(part, metric, steps)).collect();
    let loose: Vec<&Row> = loose.iter().filter(|row| steps.contains(&row.step.0)).collect();
    let blocks: usize = sources.iter().map(|source| source.blocks().count()).sum();
    let ends = sources.iter().flat_map(Source::extent);
    let ends = ends.chain(loose.iter().map(|row| row.step.0));
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
            warnings.push(Warning(format!(
                "failed to read a part: {error}; some of its points are missing here"
            )));
        }
    }
    for row in loose {
        let end = BlockEnd { step: row.step.0, seq: row.seq, value: row.value };
        let mut values = ValueCounts::default();
        values.add(row.value);
        chart.add_block(&Block { rows: 1, first: end, last: end, values }, row.writer);
    }
    chart.buckets.into_iter().flatten().map(Sum::bucket).collect()
}

/// A span with those steps of it that are wanted.
struct Source<'a> {
    part: &'a Part,
    span: &'a Span,
    steps: RangeInclusive<u64>,
}

impl<'a> Source<'a> {
    fn of(
        part: &'a OverviewPart,
        metric: &str,
        steps: &RangeInclusive<u64>,
    ) -> impl Iterator<Item = Self> {
        let end = part.cut.map_or(*steps.end(), |cut| cut.min(*steps.end()));
        let steps = *steps.start()..=end;
        let spans = part.part.spans(metric).iter();
        spans.map(move |span| Self { part: &part.part, span, steps: steps.clone() })
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
        let mut waiting = 0..0;
        for (start, block) in source.blocks() {
            if by_block && source.wants_all(block) && self.fits(block) {
                self.add_block(block, source.span.writer);
                continue;
            }
            if waiting.end != start {
                self.decode(source, waiting)?;
                waiting = start..start;
            }
            waiting.end = start + block.rows as usize;
        }
        self.decode(source, waiting)
    }

    /// Whether a block may count to one bucket: whether it reaches no further than into the next.
    fn fits(&self, block: &Block) -> bool {
        self.scale.bucket(block.last.step) <= self.scale.bucket(block.first.step) + 1
    }

    fn decode(
        &mut self,
        source: &Source<'_>,
        rows: std::ops::Range<usize>,
    ) -> parquet::errors::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let points = source.part.points(source.span, rows)?;
        self.add_points(&points, source);
        Ok(())
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
                    self.add_block(&block, source.span.writer);
                }
            }
            start = end;
        }
    }

    fn add_block(&mut self, block: &Block, writer: Writer) {
        let more = Sum::of(block, writer);
        if let Some(sum) = self.buckets.get_mut(self.scale.bucket(block.first.step)) {
            match sum {
                Some(sum) => sum.merge(&more),
                None => *sum = Some(more),
            }
        }
    }
}

/// The order of points: step, attempt, seq, rank.
type Place = (u64, u16, u64, u16);

/// What is in a bucket so far.
#[derive(Debug, Clone, Copy)]
struct Sum {
    first: (Place, f64),
    last: (Place, f64),
    values: ValueCounts,
    count: u64,
}

impl Sum {
    fn of(block: &Block, writer: Writer) -> Self {
        let end = |end: BlockEnd| ((end.step, writer.attempt, end.seq, writer.rank), end.value);
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
