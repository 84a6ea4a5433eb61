//! The search for the first step at which values differ, bit by bit and beyond a tolerance.

use std::{collections::BTreeMap, ops::RangeInclusive, panic::resume_unwind, thread};

use crate::{
    Result, Step,
    format::block::Block,
    read::{
        Row, Snapshot,
        diverge::{
            cause,
            divergence::{Alone, DifferingPoint, Divergence},
            walk::{Met, walk},
            windows::windows,
        },
    },
};

/// How far two values must lie apart to differ.
#[derive(Debug, Clone, Copy)]
enum Apart {
    AnyBit,
    Beyond(f64),
}

/// The first differences of one kind that were found until now.
#[derive(Debug)]
struct First {
    apart: Apart,
    /// No later step is of interest.
    bound: u64,
    found: Vec<DifferingPoint>,
}

struct Search<'a> {
    now: &'a [Snapshot; 2],
    firsts: [First; 2],
    compared: u64,
    alone: [Alone; 2],
}

/// The first steps at which one of the metrics, which both runs have, differs.
pub(crate) fn search(now: &[Snapshot; 2], metrics: &[&str], tolerance: f64) -> Result<Divergence> {
    let first = |apart| First { apart, bound: u64::MAX, found: Vec::new() };
    let firsts = [first(Apart::AnyBit), first(Apart::Beyond(tolerance))];
    let mut search = Search { now, firsts, compared: 0, alone: Default::default() };
    let blocks: Vec<[Vec<Block>; 2]> =
        metrics.iter().map(|metric| now.each_ref().map(|now| now.blocks(metric))).collect();
    for kind in 0..search.firsts.len() {
        search.bound_by_blocks(kind, metrics, &blocks)?;
    }
    for (metric, blocks) in metrics.iter().zip(&blocks) {
        search.look_through(metric, blocks)?;
    }
    let [bitwise, beyond] = search.firsts.map(First::into_points);
    Ok(Divergence { bitwise, beyond, compared: search.compared, alone: search.alone })
}

impl Search<'_> {
    /// Bounds the search by what the parts say of blocks. A block whose ends or extremes differ has a difference; so its
    /// rows are decoded, those of the earliest such blocks first. Blocks that seem the same may hide one.
    fn bound_by_blocks(
        &mut self,
        kind: usize,
        metrics: &[&str],
        blocks: &[[Vec<Block>; 2]],
    ) -> Result<()> {
        let Some(apart) = self.firsts.get(kind).map(|first| first.apart) else { return Ok(()) };
        let mut candidates: Vec<(RangeInclusive<u64>, &str)> = metrics
            .iter()
            .zip(blocks)
            .filter_map(|(metric, [first, second])| {
                Some((differing_block(first, second, apart)?, *metric))
            })
            .collect();
        candidates.sort_by_key(|(steps, _)| *steps.start());
        for (steps, metric) in candidates {
            let Some(first) =
                self.firsts.get_mut(kind).filter(|first| *steps.start() <= first.bound)
            else {
                break;
            };
            let [one, other] = rows(self.now, metric, &steps)?;
            walk(&one, &other, |met| match met {
                Met::Both(a, b) if apart.tells(a.value, b.value) => {
                    first.bound = first.bound.min(a.step.0);
                    false
                }
                _ => true,
            });
        }
        Ok(())
    }

    /// Compares the rows of a metric until nothing earlier can be found.
    fn look_through(&mut self, metric: &str, blocks: &[Vec<Block>; 2]) -> Result<()> {
        let mut seen: BTreeMap<u16, [Seen; 2]> = BTreeMap::new();
        for steps in windows(blocks.each_ref().map(Vec::as_slice)) {
            let bound = self.firsts.iter().map(|first| first.bound).max().unwrap_or(0);
            if *steps.start() > bound {
                break;
            }
            let steps = *steps.start()..=bound.min(*steps.end());
            let [one, other] = rows(self.now, metric, &steps)?;
            walk(&one, &other, |met| self.take(metric, met, &mut seen));
        }
        Ok(())
    }

    /// Takes a pair of rows, or one alone. Says whether later ones of the rank can tell more.
    fn take(&mut self, metric: &str, met: Met<'_>, seen: &mut BTreeMap<u16, [Seen; 2]>) -> bool {
        let (a, b) = match met {
            Met::Both(a, b) => (a, b),
            Met::Alone(side, row) => {
                if let Some(alone) = self.alone.get_mut(side) {
                    alone.add(metric, row.step);
                }
                return true;
            }
        };
        self.compared += 1;
        let seen = seen.entry(a.writer.rank).or_default();
        let mut is_open = false;
        for (first, seen) in self.firsts.iter_mut().zip(seen) {
            is_open |= first.take(metric, [a, b], seen);
        }
        is_open
    }
}

/// The rows of a metric in both runs, decoded side by side: this is what a search spends its time on.
fn rows(
    [first, second]: &[Snapshot; 2],
    metric: &str,
    steps: &RangeInclusive<u64>,
) -> Result<[Vec<Row>; 2]> {
    let (one, other) = thread::scope(|scope| {
        let other = scope.spawn(|| second.series_in(metric, steps.clone()));
        let one = first.series_in(metric, steps.clone());
        (one, other.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    Ok([one?, other?])
}

/// What was seen of a metric and rank, for one kind of difference.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    same: Option<Step>,
    is_found: bool,
}

impl First {
    /// Says whether a later row can still tell something.
    fn take(&mut self, metric: &str, [a, b]: [&Row; 2], seen: &mut Seen) -> bool {
        if seen.is_found || a.step.0 > self.bound {
            return false;
        }
        if !self.apart.tells(a.value, b.value) {
            seen.same = Some(a.step);
            return true;
        }
        seen.is_found = true;
        self.bound = a.step.0;
        self.found.push(DifferingPoint {
            rank: a.writer.rank,
            metric: metric.to_owned(),
            step: a.step,
            after: seen.same.filter(|step| *step < a.step),
            values: [a.value, b.value],
            seq: a.seq,
        });
        false
    }

    fn into_points(mut self) -> Vec<DifferingPoint> {
        let bound = self.bound;
        self.found.retain(|point| point.step.0 == bound);
        cause::sort(&mut self.found);
        self.found
    }
}

impl Apart {
    fn tells(self, a: f64, b: f64) -> bool {
        let are_same = a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        match self {
            _ if are_same => false,
            Self::AnyBit => true,
            Self::Beyond(_) if a == b => false,
            Self::Beyond(tolerance) => {
                let are_finite = a.is_finite() && b.is_finite();
                !are_finite || (a - b).abs() > tolerance * a.abs().max(b.abs())
            }
        }
    }
}

impl Alone {
    fn add(&mut self, metric: &str, step: Step) {
        self.points += 1;
        if self.first.as_ref().is_none_or(|(_, first)| step < *first) {
            self.first = Some((metric.to_owned(), step));
        }
    }
}

/// The steps of the first blocks of a metric that surely differ. Blocks of both runs are compared as long as they begin and
/// end at the same steps.
fn differing_block(first: &[Block], second: &[Block], apart: Apart) -> Option<RangeInclusive<u64>> {
    let is_alike = |(a, b): &(&Block, &Block)| {
        (a.rows, a.first.step, a.last.step) == (b.rows, b.first.step, b.last.step)
    };
    let mut alike = first.iter().zip(second).take_while(is_alike);
    let (block, _) = alike.find(|(a, b)| {
        let extremes = match (a.values.finite, b.values.finite) {
            (Some((a, b)), Some((c, d))) => apart.tells(a, c) || apart.tells(b, d),
            (a, b) => a.is_some() != b.is_some(),
        };
        extremes
            || apart.tells(a.first.value, b.first.value)
            || apart.tells(a.last.value, b.last.value)
    })?;
    Some(block.first.step..=block.last.step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_a_difference_and_the_tolerance_is_a_share() {
        let next = f64::from_bits(1.0_f64.to_bits() + 1);
        assert!(Apart::AnyBit.tells(1.0, next) && Apart::AnyBit.tells(0.0, -0.0));
        let beyond = |a, b| Apart::Beyond(1e-6).tells(a, b);
        assert!(!beyond(1.0, next) && !beyond(0.0, -0.0) && !beyond(1e9, 1e9 + 900.0));
        assert!(beyond(1.0, 1.000_002) && beyond(1e-9, 2e-9) && beyond(1e9, 1e9 + 1_100.0));
    }

    #[test]
    fn values_that_are_not_finite_differ_from_all_others() {
        for apart in [Apart::AnyBit, Apart::Beyond(1e-6)] {
            assert!(!apart.tells(f64::NAN, -f64::NAN));
            assert!(!apart.tells(f64::INFINITY, f64::INFINITY));
            assert!(apart.tells(f64::NAN, 1.0) && apart.tells(1.0, f64::INFINITY));
            assert!(apart.tells(f64::INFINITY, f64::NEG_INFINITY));
        }
    }
}
