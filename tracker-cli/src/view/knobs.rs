//! The numbers of a run that people may change, and how they did.

use std::collections::BTreeMap;

use tracker_core::read::{RunKnob, StoredEvent, StoredEventKind};

use crate::terminal::{
    table::{Align, Grid, MISSING},
    text::{clean, more},
};

/// Changes that are shown, the latest ones.
const MAX_CHANGES: usize = 20;

/// Knobs that are shown.
const MAX_KNOBS: usize = 50;

/// Each knob's value, what it was declared with, and what it takes.
pub(crate) fn knobs(knobs: &BTreeMap<String, RunKnob>, width: u16) -> String {
    let mut grid = Grid::new([Align::Left, Align::Right, Align::Right, Align::Left], width);
    if knobs.is_empty() {
        return String::new();
    }
    grid.header(["", "value", "default", "takes", "since"]);
    for (name, knob) in knobs.iter().take(MAX_KNOBS) {
        let since = knob.since.map_or_else(|| MISSING.to_owned(), |step| format!("step {step}"));
        let [value, default] = [knob.value, knob.default].map(|number| format!("{number:?}"));
        grid.row([clean(name), value, default, format!("values {}", knob.bounds()), since]);
    }
    let more = more(knobs.len(), MAX_KNOBS, "--json has all");
    grid.section("Knobs") + &more.map(|more| format!("  {more}\n")).unwrap_or_default()
}

/// The latest changes, in the order of steps.
pub(crate) fn changes(events: &[StoredEvent], width: u16) -> String {
    let mut changes: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            StoredEventKind::Knob(change) => Some(change),
            _ => None,
        })
        .collect();
    changes.sort_by_key(|change| (change.from_step, &change.name));
    // Each rank tells it.
    changes.dedup();
    let skipped = changes.len().saturating_sub(MAX_CHANGES);
    let title = match skipped {
        0 => "Changes of knobs".to_owned(),
        more => format!("Changes of knobs (the last {MAX_CHANGES}; --json has {more} more)"),
    };
    let mut grid = Grid::new([Align::Left, Align::Left, Align::Right, Align::Left], width);
    for change in changes.into_iter().skip(skipped) {
        let step = format!("step {}", change.from_step);
        grid.row([step, clean(&change.name), format!("{:?}", change.value), clean(&change.by)]);
    }
    grid.section(&title)
}
