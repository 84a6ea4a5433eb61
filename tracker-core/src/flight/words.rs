//! A finding as a sentence.

use crate::{
    Definition,
    event::flight_record::{FlightRecord, FlightStep},
    flight::findings::{Departure, Finding, Quantity},
    value::words::shown_value,
};

/// Numbers of samples that are said; the table has all of them.
const MOST_SAID: usize = 8;

impl FlightRecord {
    /// Who left what was usual first, when, and in which batch, in a sentence for people; `None` if nothing did.
    /// `findings` are those of this [record](Self::findings).
    pub fn verdict(&self, findings: &[Finding]) -> Option<String> {
        let first = findings.first()?;
        let at = self.steps.get(first.at)?;
        let before = first.at.checked_sub(1).and_then(|before| self.steps.get(before));
        let after = self.steps.get(first.at + 1);
        let is_alike = |other: &&Finding| {
            (other.at, other.quantity, other.departure)
                == (first.at, first.quantity, first.departure)
        };
        let alike = findings.iter().filter(is_alike).count();
        let when = match (first.quantity, after) {
            (Quantity::Change, Some(after)) => {
                format!("between steps {} and {}", at.step, after.step)
            }
            _ => format!("at step {}", at.step),
        };
        let is_of_all = alike > 1 && alike == self.tensors.len();
        let others = match alike - 1 {
            _ if is_of_all => String::new(),
            0 => String::new(),
            1 => ", and another one with it".to_owned(),
            others => format!(", and {others} others with it"),
        };
        Some(format!("{} {when}{others}{}", what(first, is_of_all), batches(at, before)))
    }
}

impl FlightStep {
    /// The batch in words: `batch 17 of epoch 2: samples 17, 912`; empty if nothing is known of it.
    pub fn batch_in_words(&self) -> String {
        batch(self)
    }
}

fn what(first: &Finding, is_of_all: bool) -> String {
    let name = &first.tensor;
    let times = first.times().map(|times| shown_value(times, &Definition::new()));
    let times = times.unwrap_or_default();
    if is_of_all && (first.quantity, first.departure) == (Quantity::Gradient, Departure::NotFinite)
    {
        return "all gradients were NaN or infinite at once and no weight was before: the batch or the \
                loss is to blame,"
            .to_owned();
    }
    let left = if is_of_all {
        format!("all tensors left what was usual at once, `{name}` the furthest:")
    } else {
        format!("`{name}` left what was usual first:")
    };
    let how = match (first.quantity, first.departure) {
        (Quantity::Weight, Departure::NotFinite) => "its weights were NaN or infinite".to_owned(),
        (Quantity::Weight, Departure::Jumped) => format!("its weights were {times} times as large"),
        (Quantity::Weight, Departure::Vanished) => "its weights were 0".to_owned(),
        (Quantity::Gradient, Departure::NotFinite) => "its gradient was NaN or infinite".to_owned(),
        (Quantity::Gradient, Departure::Jumped) => {
            format!("its gradient was {times} times as large")
        }
        (Quantity::Gradient, Departure::Vanished) => "its gradient was 0".to_owned(),
        (Quantity::Change, Departure::NotFinite) => "it became NaN or infinite".to_owned(),
        (Quantity::Change, Departure::Jumped) => format!("it changed {times} times as much"),
        (Quantity::Change, Departure::Vanished) => "it did not change any more".to_owned(),
    };
    format!("{left} {how}")
}

/// The batch in question, and the one before, whose step may have made the weights what they were.
fn batches(at: &FlightStep, before: Option<&FlightStep>) -> String {
    let now = batch(at);
    if now.is_empty() {
        return now;
    }
    match before.map(batch).filter(|_| !at.samples.is_empty()) {
        Some(before) => format!(" ({now}; before it {before})"),
        None => format!(" ({now})"),
    }
}

fn batch(step: &FlightStep) -> String {
    let mut text = match (step.batch, step.epoch) {
        (Some(batch), Some(epoch)) => format!("batch {batch} of epoch {epoch}"),
        (Some(batch), None) => format!("batch {batch}"),
        (None, Some(epoch)) => format!("epoch {epoch}"),
        (None, None) => String::new(),
    };
    if step.samples.is_empty() {
        return text;
    }
    let said = step.samples.iter().take(MOST_SAID).map(u64::to_string);
    let said = said.collect::<Vec<_>>().join(", ");
    let more = step.samples.len().saturating_sub(MOST_SAID);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if !text.is_empty() {
        text.push_str(": ");
    }
    text + "samples " + &said + &more
}
