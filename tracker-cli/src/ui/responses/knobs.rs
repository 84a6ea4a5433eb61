//! The numbers of a run that people may change.

use std::collections::BTreeMap;

use tracker_core::{KnobChange as Change, Timestamp, read::RunKnob};

use crate::answers::{
    page::run::{Knob, KnobChange},
    step::Step,
};

/// The changes of a knob that its run's page lists, the last ones.
const MOST_CHANGES: usize = 50;

/// The knobs that a run's page lists: as many as a training may have.
const MOST_KNOBS: usize = 256;

/// Each knob with its changes.
pub(crate) fn knobs(
    known: &BTreeMap<String, RunKnob>,
    changes: Vec<(Timestamp, Change)>,
) -> Vec<Knob> {
    let mut by_name: BTreeMap<String, Vec<KnobChange>> = BTreeMap::new();
    for (time, Change { name, from_step, value, by, .. }) in changes {
        let change = KnobChange { time, from_step: Step(from_step), value, by };
        by_name.entry(name).or_default().push(change);
    }
    let knob = |(name, known): (&String, &RunKnob)| {
        let mut changes = by_name.remove(name).unwrap_or_default();
        changes.drain(..changes.len().saturating_sub(MOST_CHANGES));
        Knob {
            name: name.clone(),
            value: known.value,
            default: known.default,
            least: known.least,
            most: known.most,
            since: known.since.map(Step),
            changes,
        }
    };
    known.iter().take(MOST_KNOBS).map(knob).collect()
}
