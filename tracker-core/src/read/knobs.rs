//! How a run's knobs were changed, among its events.

use crate::{
    KnobChange, Timestamp,
    format::event_line::{EventHead, EventKind, StoredEvent, StoredEventKind},
};

pub(crate) fn is_knob(head: &EventHead<'_>) -> bool {
    head.kind == EventKind::Knob
}

/// The changes among these events in the order of their steps, each with its time. What several ranks
/// tell alike is one change.
pub(crate) fn changes(events: Vec<StoredEvent>) -> Vec<(Timestamp, KnobChange)> {
    let change = |event: StoredEvent| match event.kind {
        StoredEventKind::Knob(change) => Some((event.time, change)),
        _ => None,
    };
    let mut changes: Vec<(Timestamp, KnobChange)> = events.into_iter().filter_map(change).collect();
    changes.sort_by(|(_, one), (_, other)| {
        (one.from_step, &one.name).cmp(&(other.from_step, &other.name))
    });
    changes.dedup_by(|(_, one), (_, other)| one == other);
    changes
}
