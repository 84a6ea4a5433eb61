//! What is left of a metric when its curve is put into one row of a table.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{Definition, Direction, Step, Writer};

/// The values of one metric in short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The value at the greatest step; of several there, the one logged last.
    pub last: f64,
    /// The step of [`last`](Self::last).
    pub step: Step,
    /// The least finite value; `None` if there is none.
    pub min: Option<f64>,
    /// The greatest finite value; `None` if there is none.
    pub max: Option<f64>,
    /// The best finite value; `None` unless the metric's direction is defined.
    pub best: Option<f64>,
    /// How many points, those that are not finite included.
    pub count: u64,
}

impl Summary {
    /// The best finite value, if these are better; `None` if no value is finite.
    pub fn best_by(&self, direction: Direction) -> Option<f64> {
        match direction {
            Direction::Higher => self.max,
            Direction::Lower => self.min,
        }
    }

    /// The value that stands for the curve in a table of runs: its best one where it is known which
    /// values are better, else its last. Without a finite value it is the last too.
    pub fn telling(&self, direction: Option<Direction>) -> f64 {
        direction.and_then(|direction| self.best_by(direction)).unwrap_or(self.last)
    }
}

/// Builds a [`Summary`] from points in any order, and from other accumulators.
///
/// Its JSON is a list, `[last, step, min, max, count, writer, seq]`, so that a run's summary is a
/// line a metric, and quick to read where thousands of runs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "Stored", from = "Stored")]
pub(crate) struct Accumulator {
    pub(crate) last: f64,
    pub(crate) step: u64,
    pub(crate) writer: u32,
    pub(crate) seq: u64,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) count: u64,
}

/// An accumulator's JSON: last, step, min, max, count, writer, seq.
#[derive(Serialize, Deserialize)]
struct Stored(
    #[serde(with = "crate::value::number")] f64,
    u64,
    #[serde(with = "crate::value::number::optional")] Option<f64>,
    #[serde(with = "crate::value::number::optional")] Option<f64>,
    u64,
    u32,
    u64,
);

impl From<Accumulator> for Stored {
    fn from(sum: Accumulator) -> Self {
        Self(sum.last, sum.step, sum.min, sum.max, sum.count, sum.writer, sum.seq)
    }
}

impl From<Stored> for Accumulator {
    fn from(stored: Stored) -> Self {
        let Stored(last, step, min, max, count, writer, seq) = stored;
        Self { last, step, writer, seq, min, max, count }
    }
}

impl Accumulator {
    pub(crate) fn of(value: f64, step: u64, writer: Writer, seq: u64) -> Self {
        let finite = value.is_finite().then_some(value);
        let writer = writer.number();
        Self { last: value, step, writer, seq, min: finite, max: finite, count: 1 }
    }

    /// Adds the points behind `other`. The order of merges does not matter.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.position() >= self.position() {
            (self.last, self.step) = (other.last, other.step);
            (self.writer, self.seq) = (other.writer, other.seq);
        }
        self.min = choose(self.min, other.min, Ordering::Less);
        self.max = choose(self.max, other.max, Ordering::Greater);
        self.count += other.count;
    }

    pub(crate) fn summary(&self, definition: Option<&Definition>) -> Summary {
        let mut summary = Summary {
            last: self.last,
            step: Step(self.step),
            min: self.min,
            max: self.max,
            best: None,
            count: self.count,
        };
        let direction = definition.and_then(|definition| definition.direction);
        summary.best = direction.and_then(|direction| summary.best_by(direction));
        summary
    }

    /// The greatest step of all points behind it.
    pub(crate) fn greatest_step(&self) -> Step {
        Step(self.step)
    }

    /// Which point counts as the last: the greatest step, then the latest attempt, then storage
    /// order. The rank settles ties between processes, so that merging is commutative.
    fn position(&self) -> (u64, u16, u64, u16) {
        let writer = Writer::from_number(self.writer);
        (self.step, writer.attempt, self.seq, writer.rank)
    }
}

/// The one of two that is less, or greater. −0.0 is less than 0.0, so that merging is commutative.
fn choose(a: Option<f64>, b: Option<f64>, wanted: Ordering) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.total_cmp(&a) == wanted { b } else { a }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: Writer = Writer { rank: 0, attempt: 1 };

    fn accumulate(points: &[(u64, f64)]) -> Accumulator {
        let mut points = points.iter().zip(0..);
        let (first, seq) = points.next().unwrap();
        let mut sum = Accumulator::of(first.1, first.0, WRITER, seq);
        for ((step, value), seq) in points {
            sum.merge(&Accumulator::of(*value, *step, WRITER, seq));
        }
        sum
    }

    #[test]
    fn last_is_the_value_at_the_greatest_step_not_the_latest_call() {
        let summary = accumulate(&[(5, 1.0), (9, 2.0), (7, 3.0)]).summary(None);
        assert_eq!((summary.last, summary.step), (2.0, Step(9)));
    }

    #[test]
    fn of_two_values_at_one_step_the_later_call_is_last() {
        assert_eq!(accumulate(&[(3, 1.0), (3, 2.0)]).summary(None).last, 2.0);
    }

    #[test]
    fn extremes_are_finite_and_the_count_is_not() {
        let points =
            [(0, f64::NAN), (1, 4.0), (2, f64::INFINITY), (3, -2.0), (4, f64::NEG_INFINITY)];
        let summary = accumulate(&points).summary(Some(&Definition::new().lower_is_better()));
        assert_eq!((summary.min, summary.max), (Some(-2.0), Some(4.0)));
        assert_eq!((summary.best, summary.count), (Some(-2.0), 5));
        assert_eq!(summary.last, f64::NEG_INFINITY);
    }

    #[test]
    fn an_accumulator_is_one_line_of_json() {
        let sum = accumulate(&[(3, 0.5), (9, f64::NAN)]);
        let text = serde_json::to_string(&sum).unwrap();
        assert_eq!(text, r#"["NaN",9,0.5,0.5,2,1,1]"#);
        let read: Accumulator = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn the_best_value_tells_most_where_it_is_known_which_one_that_is() {
        let summary = accumulate(&[(0, 1.0), (1, 3.0), (2, 2.0)]).summary(None);
        let told = [None, Some(Direction::Higher), Some(Direction::Lower)];
        assert_eq!(told.map(|direction| summary.telling(direction)), [2.0, 3.0, 1.0]);
        let diverged = accumulate(&[(0, f64::NEG_INFINITY)]).summary(None);
        assert_eq!(diverged.telling(Some(Direction::Lower)), f64::NEG_INFINITY);
    }

    #[test]
    fn without_a_direction_nothing_is_best() {
        assert_eq!(accumulate(&[(0, 1.0)]).summary(None).best, None);
    }
}
