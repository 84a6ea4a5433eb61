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
