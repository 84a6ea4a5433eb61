//! How tensors were spread over the course of a training.

use crate::{
    Histogram, Step, Timestamp,
    format::event_line::{StoredEvent, StoredEventKind},
};

/// A histogram at its step.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistogramRow {
    /// Where in training.
    pub step: Step,
    /// When it was recorded.
    pub time: Timestamp,
    /// The counts.
    pub histogram: Histogram,
}

/// The histograms among these events in the order of steps; those of one step in the order of time.
pub(crate) fn rows(events: Vec<StoredEvent>) -> Vec<HistogramRow> {
    let row = |event: StoredEvent| match event.kind {
        StoredEventKind::Histogram { step, histogram, .. } => {
            Some(HistogramRow { step, time: event.time, histogram })
        }
        _ => None,
    };
    let mut rows: Vec<HistogramRow> = events.into_iter().filter_map(row).collect();
    rows.sort_by_key(|row| row.step);
    rows
}

/// At most `most` of `count` places, evenly, the last one included.
pub(crate) fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(most);
    (1..=shown).map(move |nth| nth * count / shown - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_spread_evenly_and_end_with_the_last() {
        assert_eq!(spread(10, 5).collect::<Vec<_>>(), [1, 3, 5, 7, 9]);
        assert_eq!(spread(3, 5).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(spread(1000, 1).collect::<Vec<_>>(), [999]);
        assert_eq!(spread(0, 5).count(), 0);
    }
}
