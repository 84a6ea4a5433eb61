//! A whole run in the order of steps, all metrics together, in memory that does not grow with it.
//!
//! Steps are cut into windows with a bounded number of points, as the parts of the run tell it without being decoded;
//! each window is read and put in order. A single step is never cut.

use std::ops::{Range, RangeInclusive};

use tracker_core::{
    Step, Timestamp,
    read::{Row, RunReader, Snapshot, StoredEvent},
};

use crate::{Account, Result, Target};

/// So many points are put in order at a time, about.
const MOST: u64 = 1 << 18;

/// What an event weighs beside a point: a histogram is some 2 kB.
const EVENT: u64 = 64;

/// Into so many pieces of the same width a window with too many points is cut.
const PIECES: usize = 64;

pub(crate) fn write(run: &RunReader, target: &mut dyn Target, account: &mut Account) -> Result<()> {
    let walk = Walk::of(run)?;
    if let Some(steps) = walk.extent()? {
        walk.window(&steps, &mut |steps| walk.deliver(steps, target, account))?;
    }
    for event in walk.snapshot.events_of(|head| head.step.is_none())? {
        target.event(run, &event, account)?;
    }
    for damage in run.warnings() {
        account.leave_out("damaged parts of the run", damage.to_string(), 1);
    }
    Ok(())
}

struct Walk<'a> {
    run: &'a RunReader,
    snapshot: Snapshot,
    metrics: Vec<String>,
    /// Of all events that have a step, in order.
    events: Vec<u64>,
    inherited: Option<Inherited>,
}

/// What a fork has of its parent, which is the parent's to export.
struct Inherited {
    up_to: Step,
    before: Timestamp,
}

impl<'a> Walk<'a> {
    fn of(run: &'a RunReader) -> Result<Self> {
        let snapshot = run.snapshot()?;
        let mut events = Vec::new();
        snapshot.events_of(|head| {
            events.extend(head.step.map(|step| step.0));
            false
        })?;
        events.sort_unstable();
        let before = run.info().started_at;
        let inherited = run.forked_after().map(|up_to| Inherited { up_to, before });
        let metrics = snapshot.metrics();
        Ok(Self { run, snapshot, metrics, events, inherited })
    }

    /// The first and the last step.
    fn extent(&self) -> Result<Option<RangeInclusive<u64>>> {
        let (mut first, mut last) = (self.events.first().copied(), self.events.last().copied());
        for metric in &self.metrics {
            for bucket in self.snapshot.overview(metric, 0..=u64::MAX, 1)? {
                let (from, to) = (bucket.first_step.0, bucket.last_step.0);
                first = Some(first.map_or(from, |first| first.min(from)));
                last = last.max(Some(to));
            }
        }
        Ok(first.zip(last).map(|(first, last)| first..=last))
    }

    /// Calls with ranges of steps, one after the other, which have few points each or are one step.
    fn window(
        &self,
        steps: &RangeInclusive<u64>,
        each: &mut dyn FnMut(RangeInclusive<u64>) -> Result<()>,
    ) -> Result<()> {
        let mut open: Option<(RangeInclusive<u64>, u64)> = None;
        for (piece, weight) in self.pieces(steps)? {
            if weight > MOST && piece.start() < piece.end() {
                if let Some((window, _)) = open.take() {
                    each(window)?;
                }
                self.window(&piece, each)?;
                continue;
            }
            open = match open.take() {
                Some((window, sum)) if sum + weight <= MOST => {
                    Some((*window.start()..=*piece.end(), sum + weight))
                }
                full => {
                    if let Some((window, _)) = full {
                        each(window)?;
                    }
                    Some((piece, weight))
                }
            };
        }
        open.map_or(Ok(()), |(window, _)| each(window))
    }

    /// Cuts a range of steps into narrower ones, or into single steps. Each with about what its points and events weigh.
    fn pieces(&self, steps: &RangeInclusive<u64>) -> Result<Vec<(RangeInclusive<u64>, u64)>> {
        let (first, last) = (*steps.start(), *steps.end());
        let width = (last - first) / PIECES as u64 + 1;
        let mut weights = [0_u64; PIECES];
        let mut add = |step: u64, weight| {
            let at = step.clamp(first, last) - first;
            if let Some(sum) = weights.get_mut((at / width) as usize) {
                *sum = sum.saturating_add(weight);
            }
        };
        for metric in &self.metrics {
            for bucket in self.snapshot.overview(metric, steps.clone(), PIECES)? {
                add(bucket.first_step.0, bucket.count);
            }
        }
        for step in self.events_in(steps) {
            add(*step, EVENT);
        }
        let piece = |(at, weight): (usize, u64)| {
            let start = first.checked_add(width.checked_mul(at as u64)?)?;
            let end = start.saturating_add(width - 1).min(last);
            (start <= last).then_some((start..=end, weight))
        };
        Ok(weights.into_iter().enumerate().filter_map(piece).collect())
    }

    fn events_in(&self, steps: &RangeInclusive<u64>) -> &[u64] {
        let start = self.events.partition_point(|step| step < steps.start());
        let end = self.events.partition_point(|step| step <= steps.end());
        self.events.get(start..end).unwrap_or_default()
    }

    /// Tells of all that is in a range of steps, in their order; of a step the points before the events.
    fn deliver(
        &self,
        steps: RangeInclusive<u64>,
        target: &mut dyn Target,
        account: &mut Account,
    ) -> Result<()> {
        let mut events = self.events_of(&steps)?.into_iter().peekable();
        let mut series = Vec::with_capacity(self.metrics.len());
        let mut spans: Vec<(u64, u32, Range<usize>)> = Vec::new();
        for (number, metric) in (0..).zip(&self.metrics) {
            let mut rows = self.snapshot.series_in(metric, steps.clone())?;
            rows.retain(|row| self.is_own(metric, row));
            let mut start = 0;
            for of_step in rows.chunk_by(|one, next| one.step == next.step) {
                let end = start + of_step.len();
                spans.extend(of_step.first().map(|row| (row.step.0, number, start..end)));
                start = end;
            }
            series.push((metric, rows));
        }
        spans.sort_unstable_by_key(|(step, number, _)| (*step, *number));
        for (step, number, span) in spans {
            let is_before = |event: &StoredEvent| event.head().step.is_some_and(|at| at.0 < step);
            while let Some(event) = events.next_if(is_before) {
                target.event(self.run, &event, account)?;
            }
            let rows = series
                .get(number as usize)
                .and_then(|(metric, rows)| Some((metric, rows.get(span)?)));
            if let Some((metric, rows)) = rows {
                target.points(metric, rows, account)?;
            }
        }
        events.try_for_each(|event| target.event(self.run, &event, account))
    }

    fn events_of(&self, steps: &RangeInclusive<u64>) -> Result<Vec<StoredEvent>> {
        if self.events_in(steps).is_empty() {
            return Ok(Vec::new());
        }
        let is_wanted = |step: Option<Step>| step.is_some_and(|step| steps.contains(&step.0));
        let mut events = self.snapshot.events_of(|head| is_wanted(head.step))?;
        events.sort_by_key(|event| event.head().step);
        Ok(events)
    }

    fn is_own(&self, metric: &str, row: &Row) -> bool {
        self.inherited.as_ref().is_none_or(|inherited| {
            let is_later = row.step > inherited.up_to && !metric.starts_with("system/");
            is_later || row.time >= inherited.before
        })
    }
}
