//! What somebody should look at, among a run's events.

use crate::{
    Alert, Timestamp,
    format::event_line::{EventHead, EventKind, StoredEvent, StoredEventKind},
};

pub(crate) fn is_alert(head: &EventHead<'_>) -> bool {
    head.kind == EventKind::Alert
}

/// The alerts among these events, with their times.
pub(crate) fn alerts(events: Vec<StoredEvent>) -> Vec<(Timestamp, Alert)> {
    let alert = |event: StoredEvent| match event.kind {
        StoredEventKind::Alert(alert) => Some((event.time, alert)),
        _ => None,
    };
    events.into_iter().filter_map(alert).collect()
}
