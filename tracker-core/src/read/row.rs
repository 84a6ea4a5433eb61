//! One stored point.

use crate::{Step, Timestamp, Writer, format::slot::Slot};

/// One stored point.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// Where in training.
    pub step: Step,
    /// When it was logged.
    pub time: Timestamp,
    /// The value, with all its bits.
    pub value: f64,
    /// The process that logged it.
    pub writer: Writer,
    /// Its place in the order in which the writer's points were logged.
    pub seq: u64,
}

impl Row {
    pub(crate) fn new(writer: Writer, seq: u64, slot: &Slot) -> Self {
        Self {
            step: Step(slot.step),
            time: Timestamp(slot.time),
            value: f64::from_bits(slot.value),
            writer,
            seq,
        }
    }
}

/// Puts rows into the order of step, attempt and seq. The rank settles ties between processes.
pub(crate) fn sort(rows: &mut [Row]) {
    let order = |row: &Row| (row.step, row.writer.attempt, row.seq, row.writer.rank);
    if !rows.is_sorted_by_key(order) {
        rows.sort_by_key(order);
    }
}
