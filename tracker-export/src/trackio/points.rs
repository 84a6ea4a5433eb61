//! Points become lines: all metrics that were logged together at a step are one.

use std::sync::Arc;

use serde_json::{Map, Value};
use tracker_core::{Step, Timestamp, Writer, read::Row, text::number_to_json};

use super::names::{SYSTEM, key_of};

/// So many points wait at most for others of their step.
const MOST_WAITING: usize = 1 << 16;

/// What was logged together.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    /// Whether it is what the machine does, whose steps Trackio does not keep.
    pub(super) is_system: bool,
    pub(super) step: Step,
    pub(super) time: Timestamp,
    pub(super) metrics: Map<String, Value>,
    writer: Writer,
    seqs: (u64, u64),
}

impl Line {
    /// The same for the same points of a run, whenever they are written: Trackio keeps one line of each.
    pub(super) fn id(&self, run: &str) -> String {
        let (first, last) = self.seqs;
        let kind = if self.is_system { "s" } else { "" };
        format!("{run}-{}-{kind}{first}-{last}-{}", self.writer, self.metrics.len())
    }

    fn of(metric: &str, row: &Row) -> Self {
        let system = metric.strip_prefix(SYSTEM).filter(|rest| !rest.is_empty());
        let mut line = Self {
            is_system: system.is_some(),
            step: row.step,
            time: row.time,
            metrics: Map::new(),
            writer: row.writer,
            seqs: (row.seq, row.seq),
        };
        line.metrics.insert(key_of(system.unwrap_or(metric)), number_to_json(row.value));
        line
    }

    /// Takes over the points of another line if they were logged together.
    fn join(&mut self, mut other: Self) -> Option<Self> {
        let same = |line: &Self| (line.is_system, line.step, line.time, line.writer);
        let is_new = |key: &String| !self.metrics.contains_key(key);
        if same(self) != same(&other) || !other.metrics.keys().all(is_new) {
            return Some(other);
        }
        self.metrics.append(&mut other.metrics);
        self.seqs.1 = other.seqs.1;
        None
    }
}

/// Points that wait for others of their step.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    points: Vec<(Arc<str>, Row)>,
}

impl Waiting {
    /// Takes points of a metric.
    pub(super) fn add(&mut self, metric: &Arc<str>, rows: impl IntoIterator<Item = Row>) {
        self.points.extend(rows.into_iter().map(|row| (Arc::clone(metric), row)));
    }

    /// Whether it is time to [`take_whole`](Self::take_whole).
    pub(super) fn is_full(&self) -> bool {
        self.points.len() >= MOST_WAITING
    }

    /// The lines of all steps but the last, which may have more points; of all if there is one step alone.
    pub(super) fn take_whole(&mut self) -> Vec<Line> {
        let last = self.points.iter().map(|(_, row)| row.step).max();
        let (later, whole): (Vec<_>, _) = std::mem::take(&mut self.points)
            .into_iter()
            .partition(|(_, row)| Some(row.step) == last);
        if whole.is_empty() {
            return lines(later);
        }
        self.points = later;
        lines(whole)
    }

    /// The lines of all.
    pub(super) fn take(&mut self) -> Vec<Line> {
        lines(std::mem::take(&mut self.points))
    }
}

fn lines(mut points: Vec<(Arc<str>, Row)>) -> Vec<Line> {
    points.sort_by_key(|(_, row)| (row.writer, row.seq));
    let mut lines: Vec<Line> = Vec::new();
    for (metric, row) in points {
        let line = Line::of(&metric, &row);
        let left = match lines.last_mut() {
            Some(last) => last.join(line),
            None => Some(line),
        };
        lines.extend(left);
    }
    lines
}
