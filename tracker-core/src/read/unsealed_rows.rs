//! The rows that are in no part yet, by metric.

use std::{collections::BTreeMap, ops::Range, vec};

use crate::{
    Writer,
    format::slot::Slot,
    read::{Row, sources::Positions},
};

/// The loose points of all writers. They stay as they are stored until their metric is asked for.
#[derive(Debug, Default)]
pub(crate) struct LooseRows {
    writers: Vec<(Writer, Vec<(u64, Slot)>)>,
    /// For each metric, the index of a writer and some of its points.
    metrics: BTreeMap<String, Vec<(usize, Range<usize>)>>,
}

impl LooseRows {
    pub(crate) fn new(positions: Positions) -> Self {
        let mut loose = Self::default();
        for (index, (writer, mut position)) in positions.into_iter().enumerate() {
            let mut points = std::mem::take(&mut position.stream.points);
            points.sort_by_key(|(seq, slot)| (slot.key, slot.step, *seq));
            let mut start = 0;
            for of_key in points.chunk_by(|(_, a), (_, b)| a.key == b.key) {
                let Some((_, slot)) = of_key.first() else { continue };
                let range = start..start + of_key.len();
                start = range.end;
                let name = position.stream.name(slot.key);
                loose.metrics.entry(name).or_default().push((index, range));
            }
            loose.writers.push((writer, points));
        }
        loose
    }

    pub(crate) fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// Takes the rows of a metric, each list in the order of rows.
    pub(crate) fn take(&mut self, metric: &str) -> Vec<vec::IntoIter<Row>> {
        let places = self.metrics.remove(metric).unwrap_or_default();
        let rows = |(index, range): (usize, Range<usize>)| {
            let (writer, points) = self.writers.get(index)?;
            let points = points.get(range)?;
            let rows: Vec<Row> =
                points.iter().map(|(seq, slot)| Row::new(*writer, *seq, slot)).collect();
            Some(rows.into_iter())
        };
        places.into_iter().filter_map(rows).collect()
    }
}
