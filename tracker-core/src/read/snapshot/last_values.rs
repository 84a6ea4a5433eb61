//! What each metric was at a step.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::RangeInclusive,
    sync::Arc,
};

use super::{Layer, Snapshot};
use crate::{
    Step, Writer,
    format::{block::BlockEnd, layout::PartName, part_index::Span},
    read::{Row, part::Part, part_reader::PartReader, row::Place},
};

/// The last point of a metric up to a step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LastValue {
    /// Where it was logged: at the step that was asked for, or before it.
    pub step: Step,
    /// The value, with all its bits.
    pub value: f64,
}

impl Snapshot {
    /// Of each metric the last point that is not behind `step`, of a fork its parent's where it has none of its
    /// own. A metric that begins later is left out.
    ///
    /// Costs little however many points there are: what the parts say of their blocks leaves one block a metric
    /// to decode.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), tracker_core::Error> {
    /// let now = tracker_core::read::Store::discover()?.find("@latest")?.snapshot()?;
    /// for (metric, last) in now.values_at(812_u64) {
    ///     println!("{metric}: {} at step {}", last.value, last.step);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn values_at(&self, step: impl Into<Step>) -> BTreeMap<String, LastValue> {
        let Step(step) = step.into();
        let mut all: BTreeMap<String, LastValue> = BTreeMap::new();
        for layer in self.layers() {
            let mut found = Candidates::default();
            layer.look_at_loose(step, &mut found);
            layer.look_at_parts(step, &mut found);
            for (metric, Candidate { step, value, .. }) in found.0 {
                let last = LastValue { step: Step(step), value };
                let known = all.entry(metric).or_insert(last);
                // At the same step, what comes later counts.
                if known.step <= last.step {
                    *known = last;
                }
            }
        }
        all
    }
}

/// A point that may be the last of its metric.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    place: Place,
    step: u64,
    value: f64,
}

/// The last point of each metric, as far as was looked.
#[derive(Debug, Default)]
struct Candidates(BTreeMap<String, Candidate>);

impl Candidates {
    fn offer(&mut self, metric: &str, candidate: Candidate) {
        match self.0.get_mut(metric) {
            Some(known) if known.place < candidate.place => *known = candidate,
            Some(_) => {}
            None => drop(self.0.insert(metric.to_owned(), candidate)),
        }
    }

    /// Whether a point between these steps may come behind what is known.
    fn may_be_behind(&self, metric: &str, last: u64) -> bool {
        self.0.get(metric).is_none_or(|known| known.step <= last)
    }
}

impl Candidate {
    fn of_row(row: &Row) -> Self {
        Self { place: Place::of(row), step: row.step.0, value: row.value }
    }

    fn of_end(end: &BlockEnd, writer: Writer) -> Self {
        let place = Place::new(end.step, writer, end.seq);
        Self { place, step: end.step, value: end.value }
    }
}

impl Layer<'_> {
    fn look_at_loose(self, step: u64, found: &mut Candidates) {
        for ((writer, key), rows) in &self.found.loose {
            let metric = self.found.name(*writer, *key);
            let Some(last) = self.last_step(*writer, &metric) else { continue };
            let within = rows.iter().filter(|row| row.step.0 <= step.min(last.0));
            if let Some(row) = within.max_by_key(|row| Place::of(row)) {
                found.offer(&metric, Candidate::of_row(row));
            }
        }
    }

    /// Blocks that lie whole before the step tell their last point; only those across it are decoded.
    fn look_at_parts(self, step: u64, found: &mut Candidates) {
        let mut across: BTreeMap<(&str, usize), RangeInclusive<u64>> = BTreeMap::new();
        for (number, (name, part)) in self.found.parts.iter().enumerate() {
            for metric in part.metrics() {
                let Some(last) = self.last_step(name.writer, metric) else { continue };
                let end = step.min(last.0);
                for span in part.spans(metric) {
                    let Some(start) = look_at_blocks(span, end, found) else { continue };
                    match across.entry((metric, number)) {
                        Entry::Vacant(place) => drop(place.insert(start..=end)),
                        Entry::Occupied(mut known) => {
                            let start = start.min(*known.get().start());
                            known.insert(start..=end);
                        }
                    }
                }
            }
        }
        for ((metric, number), steps) in across {
            let Some((name, part)) = self.found.parts.get(number) else { continue };
            if found.may_be_behind(metric, *steps.end()) {
                self.decode((*name, part), metric, &steps, found);
            }
        }
    }

    fn decode(
        self,
        (name, part): (PartName, &Arc<Part>),
        metric: &str,
        steps: &RangeInclusive<u64>,
        found: &mut Candidates,
    ) {
        let mut reader = PartReader::new(Arc::clone(part), true);
        match part.rows_by(&mut reader, metric, steps) {
            Ok(rows) => {
                for row in &rows {
                    found.offer(metric, Candidate::of_row(row));
                }
            }
            Err(error) => self.warn(name, &error.to_string()),
        }
    }
}

/// Offers the last points of the blocks that end by `end`, and gives the first step of the last block that
/// reaches beyond it.
fn look_at_blocks(span: &Span, end: u64, found: &mut Candidates) -> Option<u64> {
    let mut across = None;
    for block in span.blocks.iter().take_while(|block| block.first.step <= end) {
        if block.last.step <= end {
            found.offer(&span.metric, Candidate::of_end(&block.last, span.writer));
        } else {
            across = Some(block.first.step);
        }
    }
    across
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{Run, Tracker, init, metrics, read::Snapshot};

    fn begin(store: &std::path::Path) -> Run {
        let run = init("values").dir(store).signals(false).code_changes(false);
        run.system_metrics(false).start().unwrap()
    }

    fn at(now: &Snapshot, metric: &str, step: u64) -> Option<(u64, f64)> {
        let last = now.values_at(step);
        last.get(metric).map(|last| (last.step.0, last.value))
    }

    /// The same by reading all points.
    fn by_all(now: &Snapshot, metric: &str, step: u64) -> Option<(u64, f64)> {
        let rows = now.series_in(metric, 0..=step).unwrap();
        rows.last().map(|row| (row.step.0, row.value))
    }

    #[test]
    fn a_metric_has_its_last_value_up_to_the_step_while_it_lives_and_once_it_is_sealed() {
        let store = tempfile::tempdir().unwrap();
        let run = begin(store.path());
        for step in 0..5_000_u64 {
            run.log_at(step, metrics! { "loss" => step as f64 });
            if step % 100 == 0 {
                run.log_at(step, metrics! { "valid" => -(step as f64) });
            }
        }
        run.log_at(u64::MAX, metrics! { "late" => 1.0 });
        run.log_at(70_u64, metrics! { "loss" => 0.5 });
        run.flush(Duration::from_secs(30)).unwrap();
        let reader = run.reader().unwrap();
        let living = reader.snapshot().unwrap();
        run.finish().unwrap();
        let sealed = reader.snapshot().unwrap();
        for now in [&living, &sealed] {
            for step in [0, 69, 70, 71, 1_023, 1_024, 1_025, 2_047, 4_999, 5_000, u64::MAX] {
                for metric in ["loss", "valid"] {
                    assert_eq!(at(now, metric, step), by_all(now, metric, step), "{metric} {step}");
                }
            }
            assert_eq!(at(now, "loss", 70), Some((70, 0.5)), "the later of two at one step");
            assert_eq!(at(now, "valid", 4_321), Some((4_300, -4_300.0)));
            assert_eq!(at(now, "late", u64::MAX - 1), None);
            assert_eq!(at(now, "late", u64::MAX), Some((u64::MAX, 1.0)));
        }
    }

    #[test]
    fn what_a_resumed_training_took_back_is_no_last_value() {
        let store = tempfile::tempdir().unwrap();
        let run = begin(store.path());
        let log = |run: &Run, steps: std::ops::Range<u64>, value: f64| {
            for step in steps {
                run.log_at(step, metrics! { "loss" => value });
            }
        };
        log(&run, 0..100, 1.0);
        let id = run.id().to_string();
        run.finish().unwrap();
        let run = init("values").dir(store.path()).signals(false).code_changes(false);
        let run = run.system_metrics(false).resume(id).start().unwrap();
        run.resume_after(49_u64).unwrap();
        let now = || {
            run.flush(Duration::from_secs(30)).unwrap();
            run.reader().unwrap().snapshot().unwrap()
        };
        assert_eq!(at(&now(), "loss", 80), Some((49, 1.0)));
        log(&run, 50..60, 2.0);
        assert_eq!(at(&now(), "loss", 80), Some((59, 2.0)));
        run.finish().unwrap();
    }
}
