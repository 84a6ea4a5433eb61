//! A run's points as they are at one moment, for those who ask for many curves of it.

mod last_values;
mod not_finite;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{
    Error, Result, Step, Summary, Writer,
    error::{excerpt, some_of},
    format::{block::Block, layout::PartName},
    mounts::named,
    read::{
        Bucket, Loss, Row, RunReader, Warning,
        ancestry::{Ancestor, ancestors},
        event_index::EventIndex,
        overview::{self, OverviewLayer, OverviewPart},
        part::Part,
        part_reader::PartReader,
        row,
        sources::{Positions, Sources, list_parts},
        summaries,
        superseded::Superseded,
    },
    value::summary::Accumulator,
};

pub use self::last_values::LastValue;

/// A run's points as they were when it was taken, or when it was last [advanced](Self::advance). The
/// files that hold them are opened once, however many metrics, ranges and overviews are asked for.
///
/// Of points that are in no part yet, a copy is in memory, some 40 bytes for each: a training that
/// lives has at most 2^20 of them and those of its ring.
///
/// ```no_run
/// # fn main() -> Result<(), tracker_core::Error> {
/// # let run = tracker_core::read::Store::discover()?.find("@latest")?;
/// let mut now = run.snapshot()?;
/// for metric in now.metrics() {
///     println!("{metric}: {} buckets", now.overview(&metric, 0..=u64::MAX, 1_500)?.len());
/// }
/// now.advance(&run)?; // reads what has come since
/// # Ok(())
/// # }
/// ```
///
/// What is no scalar is read as it is when it is asked for: an index of where which event stands in
/// the run's files is made with the first question, 32 bytes an event, and goes on where it ended.
///
/// It can be asked from several threads. What cannot be read is told by the
/// [warnings](RunReader::warnings) of the run.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) run: RunReader,
    found: Found,
    /// What a fork has of others, of the one that was first before the others.
    inherited: Vec<Inherited>,
    pub(super) events: Mutex<EventIndex>,
}

/// A run whose points a fork has too, and what was found of it.
#[derive(Debug)]
struct Inherited {
    from: Ancestor,
    found: Found,
}

/// Points of one run of those that a curve is made of.
#[derive(Debug, Clone, Copy)]
struct Layer<'a> {
    run: &'a RunReader,
    found: &'a Found,
    /// `None` of the snapshot's own run.
    from: Option<&'a Ancestor>,
}

/// What was found of a run. Every point that counts is in `parts` or in `loose`, and in one of them
/// only.
#[derive(Debug)]
struct Found {
    /// The names of all parts, those too that could not be opened.
    listed: Vec<PartName>,
    parts: Vec<(PartName, Arc<Part>)>,
    /// The points that are in no part, by writer and key, in the order in which they were logged.
    loose: BTreeMap<(Writer, u32), Vec<Row>>,
    /// The names of keys, and how far each writer has been read.
    positions: Positions,
    superseded: Superseded,
}

impl Snapshot {
    pub(crate) fn of(run: &RunReader) -> Result<Self> {
        let found = Found::all(run, run)?;
        let inherited = Inherited::of(run, Vec::new());
        Ok(Self { run: run.clone(), found, inherited, events: Mutex::default() })
    }

    /// Takes in what has come since, of the same run as `run` knows it now. Of logs and rings, only
    /// what is new is read. Once a log has become a part, or files were exchanged, all is found anew.
    ///
    /// # Errors
    /// If the run's folder cannot be listed. The snapshot stays as it was.
    pub fn advance(&mut self, run: &RunReader) -> Result<()> {
        if self.run.path() == run.path() {
            self.found.advance(run, run)?;
        } else {
            self.found = Found::all(run, run)?;
            self.events = Mutex::default();
        }
        self.inherited = Inherited::of(run, std::mem::take(&mut self.inherited));
        self.run = run.clone();
        Ok(())
    }

    /// The run.
    pub fn run(&self) -> &RunReader {
        &self.run
    }

    /// How many points are in memory.
    pub fn points_in_memory(&self) -> usize {
        self.layers().flat_map(|layer| layer.found.loose.values()).map(Vec::len).sum()
    }

    /// How many events are known by their places; none while somebody makes that known.
    pub fn events_in_memory(&self) -> usize {
        self.events.try_lock().map_or(0, |events| events.len())
    }

    /// The names of all metrics that have points, sorted; of a fork, those of its parent too.
    pub fn metrics(&self) -> Vec<String> {
        let names: BTreeSet<String> = self.layers().flat_map(Layer::metrics).collect();
        names.into_iter().collect()
    }

    /// The same names in the order in which they were first logged, as a model's layers are; of a fork, those of its
    /// parent first. A metric that was logged again from an earlier step on keeps its place.
    pub fn metrics_as_logged(&self) -> Vec<String> {
        let mut places: BTreeMap<String, (usize, u16, u16, u64)> = BTreeMap::new();
        for (layer, of) in self.layers().enumerate() {
            for (metric, writer, seq) in of.first_points() {
                let place = (layer, writer.attempt, writer.rank, seq);
                let known = places.entry(metric).or_insert(place);
                *known = place.min(*known);
            }
        }
        let mut names = self.metrics();
        names.sort_by_key(|name| places.get(name).copied());
        names
    }

    /// Each metric's summary; of a fork, of its own points alone.
    pub fn summary(&self) -> Arc<BTreeMap<String, Summary>> {
        if let Some(known) = self.run.known_summary() {
            return known;
        }
        let mut sums = BTreeMap::new();
        for (name, part) in &self.found.parts {
            match summaries::of_part(*name, part, &self.found.superseded) {
                Ok(more) => summaries::merge(&mut sums, more),
                Err(error) => self.own().warn(*name, &error.to_string()),
            }
        }
        summaries::merge(&mut sums, self.found.loose_sums());
        Arc::new(self.run.summaries_of(sums))
    }

    /// All rows of one metric, in the order of step, attempt and seq. Of a fork, what its parent has up to the
    /// step after which it was forked is there too, and at the same step comes before its own.
    ///
    /// # Errors
    /// If the run has no such metric.
    pub fn series(&self, metric: &str) -> Result<Vec<Row>> {
        self.series_in(metric, 0..=u64::MAX)
    }

    /// The rows of one metric whose step is in `steps`, as [`series`](Self::series) gives them.
    ///
    /// # Errors
    /// If the run has no such metric.
    pub fn series_in(&self, metric: &str, steps: RangeInclusive<u64>) -> Result<Vec<Row>> {
        self.check(metric)?;
        let mut rows = Vec::new();
        for layer in self.layers() {
            rows.append(&mut layer.series_in(metric, &steps));
        }
        if !self.inherited.is_empty() {
            // Each run's rows are in their order already.
            rows.sort_by_key(|row| row.step);
        }
        Ok(rows)
    }

    /// The points of one metric between two steps, both included, as at most `buckets` buckets of
    /// the same width in steps, each with its extremes. Costs little however many points there
    /// are: where they are many, only what the parts say of whole blocks is read. Those of a fork begin with
    /// its parent's.
    ///
    /// # Errors
    /// If the run has no such metric.
    pub fn overview(
        &self,
        metric: &str,
        steps: RangeInclusive<u64>,
        buckets: usize,
    ) -> Result<Vec<Bucket>> {
        self.check(metric)?;
        let layers: Vec<_> = self.layers().map(|layer| layer.overview(metric)).collect();
        let mut warnings = Vec::new();
        let seen = overview::overview(metric, &layers, &steps, buckets, &mut warnings);
        self.run.tell(&warnings);
        Ok(seen)
    }

    /// What the parts say of a metric's rows without decoding them, in the order of steps. Rows that are in no part are
    /// not among them.
    pub(crate) fn blocks(&self, metric: &str) -> Vec<Block> {
        let mut blocks: Vec<Block> =
            self.layers().flat_map(|layer| layer.blocks(metric)).copied().collect();
        blocks.sort_by_key(|block| block.first.step);
        blocks
    }

    /// All that curves are made of, what comes first before what comes later.
    fn layers(&self) -> impl Iterator<Item = Layer<'_>> {
        let inherited = self.inherited.iter();
        let run = &self.run;
        let layers =
            inherited.map(move |Inherited { from, found }| Layer { run, found, from: Some(from) });
        layers.chain([self.own()])
    }

    fn own(&self) -> Layer<'_> {
        Layer { run: &self.run, found: &self.found, from: None }
    }

    fn check(&self, metric: &str) -> Result<()> {
        let is_there = self.layers().any(|layer| layer.has(metric));
        if is_there { Ok(()) } else { Err(self.unknown(metric)) }
    }

    fn unknown(&self, metric: &str) -> Error {
        let known = self.metrics();
        let hint = if known.is_empty() {
            "it has no metrics yet".to_owned()
        } else {
            format!("it has {}", some_of(known.iter(), metric))
        };
        Error::UnknownMetric { metric: excerpt(metric), run: self.run.info().name.clone(), hint }
    }
}

impl Inherited {
    /// What a fork has of others. Of what is `known` of it, only what has come since is read. What cannot be
    /// read is told by the warnings of the run.
    fn of(run: &RunReader, mut known: Vec<Self>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for from in ancestors(run) {
            let is_same = |other: &Self| other.from.run.path() == from.run.path();
            let before = known.iter().position(is_same).map(|place| known.swap_remove(place).found);
            let found = match before {
                Some(mut found) => found.advance(&from.run, run).map(|()| found),
                None => Found::all(&from.run, run),
            };
            match found {
                Ok(found) => all.push(Self { from, found }),
                Err(error) => run.tell(&[Warning::new(
                    Loss::Points,
                    format!("what the run has of `{}` is missing: {error}", from.run.info().name),
                )]),
            }
        }
        all.reverse();
        all
    }
}

impl<'a> Layer<'a> {
    /// The last step of a writer's metric that counts; `None` if none does.
    fn last_step(self, writer: Writer, metric: &str) -> Option<Step> {
        if let Some(ancestor) = self.from {
            return ancestor.last_step(writer, metric);
        }
        let last = self.found.superseded.last_step(writer, metric);
        Some(last.unwrap_or(Step(u64::MAX)))
    }

    fn keeps(self, metric: &str, row: &Row) -> bool {
        self.last_step(row.writer, metric).is_some_and(|last| row.step <= last)
    }

    /// The metrics of which a point counts.
    fn metrics(self) -> impl Iterator<Item = String> {
        let found = self.found;
        let of_part = move |(name, part): &'a (PartName, Arc<Part>)| {
            let name = *name;
            let metrics = part.metrics().map(str::to_owned);
            metrics.filter(move |metric| self.has_in_part(name, part, metric))
        };
        let loose = found.loose.iter().filter_map(move |((writer, key), rows)| {
            let metric = found.name(*writer, *key);
            rows.iter().any(|row| self.keeps(&metric, row)).then_some(metric)
        });
        found.parts.iter().flat_map(of_part).chain(loose)
    }

    /// Of each part and stream, the metrics with the number of their first point.
    fn first_points(self) -> impl Iterator<Item = (String, Writer, u64)> {
        let found = self.found;
        let of_part = move |(name, part): &'a (PartName, Arc<Part>)| {
            let writer = name.writer;
            part.metrics().filter_map(move |metric| {
                let seqs = part.spans(metric).iter().flat_map(|span| &span.blocks);
                let first = seqs.map(|block| block.first.seq).min()?;
                Some((metric.to_owned(), writer, first))
            })
        };
        let loose = found.loose.iter().filter_map(move |((writer, key), rows)| {
            let first = rows.iter().map(|row| row.seq).min()?;
            Some((found.name(*writer, *key), *writer, first))
        });
        found.parts.iter().flat_map(of_part).chain(loose)
    }

    /// Whether a point of the metric counts.
    fn has(self, metric: &str) -> bool {
        self.found.parts.iter().any(|(name, part)| self.has_in_part(*name, part, metric))
            || self.loose_of(metric).any(|(_, rows)| rows.iter().any(|row| self.keeps(metric, row)))
    }

    fn has_in_part(self, name: PartName, part: &Part, metric: &str) -> bool {
        let last = self.last_step(name.writer, metric);
        let mut blocks = part.spans(metric).iter().flat_map(|span| &span.blocks);
        last.is_some_and(|last| blocks.any(|block| block.first.step <= last.0))
    }

    fn series_in(self, metric: &str, steps: &RangeInclusive<u64>) -> Vec<Row> {
        let mut rows = self.loose(metric);
        rows.retain(|row| steps.contains(&row.step.0));
        for (name, part) in self.parts_with(metric) {
            let Some(last) = self.last_step(name.writer, metric) else { continue };
            let steps = *steps.start()..=last.0.min(*steps.end());
            if steps.is_empty() {
                continue;
            }
            let mut reader = PartReader::new(Arc::clone(part), true);
            match part.rows_by(&mut reader, metric, &steps) {
                Ok(more) => rows.extend(more.into_iter().filter(|row| self.keeps(metric, row))),
                Err(error) => self.warn(*name, &error.to_string()),
            }
        }
        row::sort(&mut rows);
        rows
    }

    fn blocks(self, metric: &str) -> impl Iterator<Item = &'a Block> {
        let of_part = move |(name, part): &'a (PartName, Arc<Part>)| {
            let last = self.last_step(name.writer, metric);
            let blocks = part.spans(metric).iter().flat_map(|span| &span.blocks);
            blocks.filter(move |block| last.is_some_and(|last| block.first.step <= last.0))
        };
        self.parts_with(metric).flat_map(of_part)
    }

    fn overview(self, metric: &str) -> OverviewLayer {
        let of_part = |(name, part): &(PartName, Arc<Part>)| {
            let last = self.last_step(name.writer, metric)?;
            Some(OverviewPart { part: Arc::clone(part), cut: Some(last.0) })
        };
        let parts = self.parts_with(metric).filter_map(of_part).collect();
        OverviewLayer { parts, loose: self.loose(metric) }
    }

    fn parts_with(self, metric: &str) -> impl Iterator<Item = &'a (PartName, Arc<Part>)> {
        self.found.parts.iter().filter(move |(_, part)| !part.spans(metric).is_empty())
    }

    fn loose_of(self, metric: &str) -> impl Iterator<Item = (&'a (Writer, u32), &'a Vec<Row>)> {
        let found = self.found;
        found.loose.iter().filter(move |((writer, key), _)| found.name(*writer, *key) == metric)
    }

    /// The rows of a metric that are in no part.
    fn loose(self, metric: &str) -> Vec<Row> {
        let rows = self.loose_of(metric).flat_map(|(_, rows)| rows);
        rows.filter(|row| self.keeps(metric, row)).copied().collect()
    }

    fn warn(self, part: PartName, error: &str) {
        let run = self.from.map_or(self.run, |from| &from.run);
        let path = run.paths().part(part);
        let warning = format!("failed to read {}: {error}; points are missing here", named(&path));
        self.run.tell(&[Warning::new(Loss::Points, warning)]);
    }
}

impl Found {
    /// Takes in what has come since, of the same run. `tells` is told what cannot be read.
    fn advance(&mut self, run: &RunReader, tells: &RunReader) -> Result<()> {
        if self.listed != list_parts(run.paths())? || !self.go_on(run, tells)? {
            *self = Self::all(run, tells)?;
        }
        self.superseded = run.superseded_now();
        Ok(())
    }

    /// Finds all points. `tells` is told what cannot be read.
    fn all(run: &RunReader, tells: &RunReader) -> Result<Self> {
        // Listed first: a part that comes meanwhile makes the next look begin anew.
        let listed = list_parts(run.paths())?;
        let superseded = run.superseded_now();
        let Sources { parts, positions, warnings, .. } =
            Sources::find(run.paths(), run.part_cache(), &Positions::new())?;
        tells.tell(&warnings);
        let parts = parts.into_iter().map(|(name, part, _)| (name, part)).collect();
        let loose = BTreeMap::new();
        let mut found = Self { listed, parts, loose, positions: Positions::new(), superseded };
        found.take(positions);
        Ok(found)
    }

    /// Takes in what logs and rings have beyond what is known. `false` if some of it is in a part
    /// already, or cannot be read: then nothing has changed.
    fn go_on(&mut self, run: &RunReader, tells: &RunReader) -> Result<bool> {
        let found = Sources::find(run.paths(), run.part_cache(), &self.positions);
        match found {
            Ok(Sources { parts, positions, warnings, .. }) if parts.is_empty() => {
                tells.tell(&warnings);
                self.take(positions);
                Ok(true)
            }
            Ok(_) | Err(Error::Damaged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn take(&mut self, mut positions: Positions) {
        for (writer, position) in &mut positions {
            for (seq, slot) in std::mem::take(&mut position.stream.points) {
                let rows = self.loose.entry((*writer, slot.key)).or_default();
                rows.push(Row::new(*writer, seq, &slot));
            }
        }
        self.positions = positions;
    }

    fn name(&self, writer: Writer, key: u32) -> String {
        self.positions.get(&writer).map(|position| position.stream.name(key)).unwrap_or_default()
    }

    /// What each metric's points come to that are in no part.
    fn loose_sums(&self) -> impl Iterator<Item = (String, Accumulator)> {
        self.loose.iter().filter_map(|((writer, key), rows)| {
            let metric = self.name(*writer, *key);
            let counting =
                rows.iter().filter(|row| self.superseded.keeps(*writer, &metric, row.step));
            let sum = counting.map(summaries::of_row).reduce(|mut sum, row| {
                sum.merge(&row);
                sum
            })?;
            Some((metric, sum))
        })
    }
}

#[cfg(test)]
impl Snapshot {
    /// All rows of all metrics, as they are when this much is taken back.
    pub(crate) fn all_rows(run: &RunReader, superseded: Superseded) -> BTreeMap<String, Vec<Row>> {
        let mut now = Self::of(run).unwrap();
        now.found.superseded = superseded;
        let metrics = now.metrics().into_iter();
        metrics.map(|metric| (metric.clone(), now.series(&metric).unwrap())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{platform::opened, testing::manual_writer::ByHand};

    /// A training that lives: three full logs of twelve metrics, one that grows, and a ring.
    fn live() -> ByHand {
        let hand = ByHand::new();
        for metric in 0..12 {
            hand.define(&format!("metric-{metric}"));
            hand.drain();
        }
        for _ in 0..3 {
            fill(&hand);
            hand.rotate();
        }
        fill(&hand);
        (0..12).for_each(|key| hand.log_points(key, 1));
        hand
    }

    fn fill(hand: &ByHand) {
        for key in 0..12 {
            hand.log_points(key, 5);
            hand.drain();
        }
    }

    fn counts(now: &Snapshot) -> Vec<(String, u64)> {
        let count = |metric: String| {
            let buckets = now.overview(&metric, 0..=u64::MAX, 100).unwrap();
            let count = buckets.iter().map(|bucket| bucket.count).sum();
            assert_eq!(now.series(&metric).unwrap().len() as u64, count);
            assert_eq!(now.summary()[&metric].count, count);
            (metric, count)
        };
        now.metrics().into_iter().map(count).collect()
    }

    #[test]
    fn twelve_curves_of_a_live_run_open_each_file_once() {
        let hand = live();
        let run = RunReader::open_at(hand.paths()).unwrap();
        let (counts, opened) = opened::during(|| counts(&run.snapshot().unwrap()));
        assert_eq!(counts.len(), 12);
        assert!(counts.iter().all(|(_, count)| *count == 21), "{counts:?}");
        let logs = opened.iter().filter(|path| path.to_string_lossy().contains("log-"));
        let mut times: BTreeMap<_, u32> = BTreeMap::new();
        logs.for_each(|path| *times.entry(path).or_default() += 1);
        assert_eq!(times.len(), 4, "{opened:?}");
        assert!(times.values().all(|times| *times == 1), "{times:?}");
    }

    #[test]
    fn what_has_come_since_is_taken_in_wherever_it_went() {
        let hand = live();
        let run = RunReader::open_at(hand.paths()).unwrap();
        let mut now = run.snapshot().unwrap();
        let moves: [fn(&ByHand); 6] = [
            |hand| hand.log_points(0, 3),
            ByHand::drain,
            |hand| {
                hand.define("late");
                hand.log_points(12, 2);
            },
            |hand| {
                hand.rotate();
                hand.log_points(1, 2);
            },
            ByHand::seal_full,
            ByHand::end,
        ];
        for (index, movement) in moves.into_iter().enumerate() {
            movement(&hand);
            now.advance(&run).unwrap();
            let anew = run.snapshot().unwrap();
            assert_eq!(counts(&now), counts(&anew), "move {index}");
            for metric in anew.metrics() {
                assert_eq!(now.series(&metric).unwrap(), anew.series(&metric).unwrap());
            }
        }
        assert_eq!(now.points_in_memory(), 0, "all is in parts");
        assert_eq!(counts(&now)[0], ("late".to_owned(), 2));
    }

    #[test]
    fn a_log_that_grows_is_read_from_where_the_last_look_ended() {
        let hand = live();
        let run = RunReader::open_at(hand.paths()).unwrap();
        let mut now = run.snapshot().unwrap();
        hand.drain();
        let ((), opened) = opened::during(|| now.advance(&run).unwrap());
        let logs = opened.iter().filter(|path| path.to_string_lossy().contains("log-"));
        assert_eq!(logs.count(), 1, "the logs before it are known: {opened:?}");
        assert_eq!(counts(&now)[0].1, 21);
    }

    #[test]
    fn a_metric_that_is_not_there_is_told_with_those_that_are() {
        let hand = live();
        let run = RunReader::open_at(hand.paths()).unwrap();
        let error = run.snapshot().unwrap().overview("metric-99", 0..=9, 5).unwrap_err();
        assert!(error.to_string().contains("metric-9"), "{error}");
    }
}
