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

/// A row's place in the order of step, attempt and seq. The rank settles ties between processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    step: u64,
    attempt: u16,
    seq: u64,
    rank: u16,
}

impl Place {
    pub(crate) fn new(step: u64, writer: Writer, seq: u64) -> Self {
        Self { step, attempt: writer.attempt, seq, rank: writer.rank }
    }

    pub(crate) fn of(row: &Row) -> Self {
        Self::new(row.step.0, row.writer, row.seq)
    }
}

/// Puts rows into their order.
pub(crate) fn sort(rows: &mut [Row]) {
    if !rows.is_sorted_by_key(Place::of) {
        rows.sort_by_key(Place::of);
    }
}
