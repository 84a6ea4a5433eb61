//! How long a run took.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    Result, State, Timestamp, Writer,
    format::{block::BlockEnd, layout::PartName},
    read::{
        RunReader,
        part::Part,
        part_reader::PartReader,
        sources::{Positions, Sources, list_parts},
        unsealed::live_writers,
    },
};

/// How long a run took, and how much of that it trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Elapsed {
    /// From its first start to its end; to now while it lives; to its last point where nobody saw the
    /// end, as after a crash.
    pub passed: Duration,
    /// The same without the pauses of a resumed run: from the last point of what ended to the first
    /// point of what went on.
    pub trained: Duration,
    /// Whether nobody saw the end, so that the last point counts as it.
    pub to_last_point: bool,
}

/// When a process logged its first point, and when its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    attempt: u16,
    first: Timestamp,
    last: Timestamp,
}

impl RunReader {
    /// How long the run took. `None` if nobody saw its end and it has no points. Costs nothing for a
    /// run that ended and was never resumed, else a look at the first and last points.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn elapsed(&self) -> Result<Option<Elapsed>> {
        let info = self.info();
        let end = match info.finished_at {
            Some(end) => Some(end),
            None => (self.state() == State::Running).then(Timestamp::now),
        };
        let stretches =
            if end.is_some() && self.attempts() == 1 { Vec::new() } else { self.stretches()? };
        Ok(elapsed(info.started_at, end, self.attempts(), stretches))
    }

    fn stretches(&self) -> Result<Vec<Stretch>> {
        let (paths, cache) = (self.paths(), self.part_cache());
        let mut times: BTreeMap<Writer, (Timestamp, Timestamp)> = BTreeMap::new();
        let mut add = |writer: Writer, time: Timestamp| {
            let (first, last) = times.entry(writer).or_insert((time, time));
            (*first, *last) = ((*first).min(time), (*last).max(time));
        };
        if !live_writers(&paths.live_all())?.is_empty() {
            for (writer, position) in Sources::find(paths, cache, &Positions::new())?.positions {
                let points = position.stream.points.iter();
                points.for_each(|(_, slot)| add(writer, Timestamp(slot.time)));
            }
        }
        for name in first_and_last(&list_parts(paths)?) {
            // What cannot be read is told where points are asked for.
            let Ok(part) = cache.open(paths, name) else { continue };
            for time in ends(&part) {
                add(name.writer, time);
            }
        }
        let stretch =
            |(writer, (first, last)): (Writer, _)| Stretch { attempt: writer.attempt, first, last };
        Ok(times.into_iter().map(stretch).collect())
    }
}

/// Of parts in the order of writers and points, each writer's first and last.
fn first_and_last(parts: &[PartName]) -> Vec<PartName> {
    let of_writers = parts.chunk_by(|a, b| a.writer == b.writer);
    of_writers.flat_map(|parts| parts.first().into_iter().chain(parts.last())).copied().collect()
}

/// The times of a part's first and last points, in the order in which they were logged.
fn ends(part: &Arc<Part>) -> Vec<Timestamp> {
    let blocks = || {
        part.metrics().flat_map(|metric| {
            let blocks = part.spans(metric).iter().flat_map(|span| &span.blocks);
            blocks.map(move |block| (metric, block))
        })
    };
    let first =
        blocks().map(|(metric, block)| (metric, block.first)).min_by_key(|(_, end)| end.seq);
    let last = blocks().map(|(metric, block)| (metric, block.last)).max_by_key(|(_, end)| end.seq);
    let mut reader = PartReader::new(Arc::clone(part), true);
    let time = |(metric, end): (&str, BlockEnd)| {
        let rows = part.rows_by(&mut reader, metric, &(end.step..=end.step)).ok()?;
        rows.into_iter().find(|row| row.seq == end.seq).map(|row| row.time)
    };
    first.into_iter().chain(last).filter_map(time).collect()
}

fn elapsed(
    start: Timestamp,
    seen_end: Option<Timestamp>,
    attempts: u16,
    mut stretches: Vec<Stretch>,
) -> Option<Elapsed> {
    let end = seen_end.or_else(|| stretches.iter().map(|stretch| stretch.last).max())?;
    for stretch in &mut stretches {
        // What a first process does before its first point is no pause.
        stretch.first =
            if stretch.attempt == 1 { start } else { stretch.first.max(start).min(end) };
        stretch.last = stretch.last.min(end);
    }
    stretches.sort_unstable_by_key(|stretch| stretch.first);
    let (mut trained_until, mut pauses) = (start, Duration::ZERO);
    for stretch in &stretches {
        pauses = pauses.saturating_add(between(trained_until, stretch.first));
        trained_until = trained_until.max(stretch.last);
    }
    let goes_on = attempts == 1 || stretches.iter().any(|stretch| stretch.attempt == attempts);
    if !goes_on {
        // What was started last has not trained yet.
        pauses = pauses.saturating_add(between(trained_until, end));
    }
    let passed = between(start, end);
    let trained = passed.saturating_sub(pauses);
    Some(Elapsed { passed, trained, to_last_point: seen_end.is_none() })
}

/// Nothing if the end is before the start.
fn between(start: Timestamp, end: Timestamp) -> Duration {
    let micros = end.as_micros().saturating_sub(start.as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    /// Passed and trained seconds, of stretches of attempt, first and last point.
    fn seconds(end: Option<i64>, stretches: &[(u16, i64, i64)]) -> Option<(u64, u64)> {
        let attempts = stretches.iter().map(|(attempt, ..)| *attempt).max().unwrap_or(1);
        seconds_of(attempts, end, stretches)
    }

    fn seconds_of(
        attempts: u16,
        end: Option<i64>,
        stretches: &[(u16, i64, i64)],
    ) -> Option<(u64, u64)> {
        let stretches = stretches.iter().map(|(attempt, first, last)| Stretch {
            attempt: *attempt,
            first: at(*first),
            last: at(*last),
        });
        let found = elapsed(at(100), end.map(at), attempts, stretches.collect())?;
        assert_eq!(found.to_last_point, end.is_none());
        Some((found.passed.as_secs(), found.trained.as_secs()))
    }

    #[test]
    fn a_run_whose_end_was_seen_took_until_then() {
        assert_eq!(seconds(Some(160), &[]), Some((60, 60)));
        assert_eq!(seconds(Some(90), &[]), Some((0, 0)));
    }

    #[test]
    fn a_run_whose_end_nobody_saw_took_until_its_last_point() {
        assert_eq!(seconds(None, &[(1, 105, 130)]), Some((30, 30)));
        assert_eq!(seconds(None, &[(1, 105, 130), (1, 106, 150)]), Some((50, 50)));
        assert_eq!(seconds(None, &[]), None);
    }

    #[test]
    fn pauses_before_a_run_was_resumed_are_no_training() {
        let resumed = [(1, 105, 130), (2, 1_000, 1_060)];
        assert_eq!(seconds(Some(1_070), &resumed), Some((970, 100)));
        assert_eq!(seconds(None, &resumed), Some((960, 90)));
        let twice = [(1, 105, 130), (2, 200, 210), (3, 300, 310)];
        assert_eq!(seconds(Some(320), &twice), Some((220, 60)));
    }

    #[test]
    fn what_was_started_again_and_has_no_points_yet_has_not_trained() {
        assert_eq!(seconds_of(2, Some(500), &[(1, 105, 130)]), Some((400, 30)));
        assert_eq!(seconds_of(2, Some(500), &[]), Some((400, 0)));
    }

    #[test]
    fn while_one_process_trains_it_is_no_pause_that_another_was_started_again() {
        let ranks = [(1, 100, 200), (1, 100, 120), (2, 150, 200)];
        assert_eq!(seconds(Some(200), &ranks), Some((100, 100)));
    }

    #[test]
    fn times_that_a_point_was_given_by_hand_cannot_make_a_run_longer_than_it_was() {
        let imported = [(1, -5_000, -4_000), (2, i64::MAX / 2_000_000, i64::MAX / 2_000_000)];
        let (passed, trained) = seconds(Some(160), &imported).unwrap();
        assert_eq!(passed, 60);
        assert!(trained <= 60);
    }
}
