//! Which tensor left what was usual, and when.
//!
//! Each tensor has three series: its weights, its gradient, its change. A series departs where it is not
//! finite for the first time, where it spikes as [`Spikes`] says, or where it falls to nothing.
//! What is usual is said by values that are some steps old: a training that goes wrong does so over several
//! steps, and must not get used to it.
//!
//! Something that happened long before the end had nothing to do with it: of all departures, those count that
//! lie together at the end, from the first one on that no batch does by itself, if there is one. Within a step
//! the weights come first, as they were before it, then the gradient, then what the step made of both. So weights
//! that are not finite are named before the gradients that they spoil, which are all gradients at once.

use std::sync::Arc;

use crate::{
    alert::detect::Spikes,
    event::flight_record::{FlightRecord, FlightStep, FlightValues},
};

/// How many values say what is usual.
const WINDOW: usize = 64;

/// How many times the deviation is far.
const DEVIATIONS: f64 = 10.0;

/// How old a value is when it begins to count as usual.
const LAG: usize = 12;

/// Departures with so many steps between them have nothing to do with each other.
const APART: usize = 48;

/// So many times what is usual is more than a batch does by itself.
const STRONG: f64 = 8.0;

/// This share of the least that was usual is nothing.
const NOTHING: f64 = 1e-6;

/// The most findings that a record has.
const MOST: usize = 64;

/// Something that left what was usual.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The tensor, by its path in the model.
    pub tensor: Arc<str>,
    /// What of it.
    pub quantity: Quantity,
    /// How it left.
    pub departure: Departure,
    /// Which step of the record that was, counted from 0.
    pub at: usize,
    /// Its value there.
    pub value: f64,
    /// What had been usual; `None` where there was too little before.
    pub usual: Option<f64>,
}

/// What is looked at of a tensor, in the order in which it is known in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quantity {
    /// The weights before the step.
    Weight,
    /// The gradient.
    Gradient,
    /// The change that the step made.
    Change,
}

/// How a tensor leaves what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Departure {
    /// Some of its values are NaN or infinite.
    NotFinite,
    /// It is many times as large.
    Jumped,
    /// It is nothing any more.
    Vanished,
}

impl FlightValues {
    /// What was seen of one quantity.
    pub fn of(&self, quantity: Quantity) -> Option<f32> {
        match quantity {
            Quantity::Weight => self.weight,
            Quantity::Gradient => self.gradient,
            Quantity::Change => self.change,
        }
    }
}

impl Finding {
    /// How many times what was usual it is.
    pub fn times(&self) -> Option<f64> {
        self.usual.filter(|usual| *usual > 0.0).map(|usual| self.value / usual)
    }

    /// Whether no batch does so by itself.
    fn is_strong(&self) -> bool {
        self.departure != Departure::Jumped || self.times().is_none_or(|times| times >= STRONG)
    }
}

impl FlightRecord {
    /// Who left what was usual near the end of the record, the first one first; 64 at most. The same for the
    /// same record, whoever asks.
    pub fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (index, tensor) in self.tensors.iter().enumerate() {
            for quantity in [Quantity::Weight, Quantity::Gradient, Quantity::Change] {
                let value = |step: &FlightStep| step.values.get(index)?.of(quantity).map(f64::from);
                let series: Vec<Option<f64>> = self.steps.iter().map(value).collect();
                let all = departures(&series).into_iter();
                found.extend(all.map(|left| left.of(tensor, quantity)));
            }
        }
        let mut found = last_together(found, self.steps.len());
        found.truncate(MOST);
        found
    }
}

/// A departure of a series.
struct Left {
    how: Departure,
    at: usize,
    value: f64,
    usual: Option<f64>,
}

impl Left {
    fn of(self, tensor: &Arc<str>, quantity: Quantity) -> Finding {
        let Self { how: departure, at, value, usual } = self;
        Finding { tensor: Arc::clone(tensor), quantity, departure, at, value, usual }
    }
}

/// Where a series departs. After the first value that is not finite nothing more is said.
fn departures(series: &[Option<f64>]) -> Vec<Left> {
    let mut found = Vec::new();
    let mut usual = Spikes::new(WINDOW, DEVIATIONS);
    let mut entered = 0;
    for (at, value) in series.iter().enumerate() {
        let old = at.checked_sub(LAG).and_then(|old| series.get(old).copied().flatten());
        if let Some(old) = old.filter(|old| old.is_finite()) {
            entered += 1;
            usual.add(old, entered);
        }
        let Some(value) = *value else { continue };
        if let Some((how, since)) = departure(value, &mut usual) {
            let at = at.saturating_sub(since);
            found.push(Left { how, at, value, usual: usual.usual() });
            if how == Departure::NotFinite {
                break;
            }
        }
    }
    found
}

/// How a value departs, and how many values before it that began.
fn departure(value: f64, usual: &mut Spikes) -> Option<(Departure, usize)> {
    if !value.is_finite() {
        return Some((Departure::NotFinite, 0));
    }
    if usual.least().is_some_and(|least| value <= least * NOTHING && least > 0.0) {
        return Some((Departure::Vanished, 0));
    }
    usual.look(value).map(|spike| (Departure::Jumped, spike.since as usize))
}

/// Those departures that lie together at the end, the first one first: in a step the weights, then the
/// gradients, then the changes; of these what is not finite, then the largest jump.
fn last_together(mut found: Vec<Finding>, steps: usize) -> Vec<Finding> {
    found.sort_by(|one, other| {
        let key = |of: &Finding| (of.at, of.quantity, of.departure);
        let times = |of: &Finding| of.times().unwrap_or_default();
        key(one).cmp(&key(other)).then_with(|| times(other).total_cmp(&times(one)))
    });
    let mut begin = found.len();
    let mut next = steps;
    for (index, finding) in found.iter().enumerate().rev() {
        if next.saturating_sub(finding.at) > APART && begin < found.len() {
            break;
        }
        begin = index;
        next = finding.at;
    }
    let mut found = found.split_off(begin);
    // A batch may be somewhat unusual by itself, right before something that is so by far.
    if let Some(strong) = found.iter().position(Finding::is_strong) {
        found.drain(..strong);
    }
    // Of a series that jumps in several steps, the first one tells.
    let mut seen = std::collections::HashSet::new();
    found.retain(|of| seen.insert((Arc::clone(&of.tensor), of.quantity)));
    found
}
