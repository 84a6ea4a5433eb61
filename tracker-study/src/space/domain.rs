//! What values a parameter may have.

use std::collections::BTreeSet;

// Of `libm`, and not of the system: a study goes on with the same values on another machine.
use libm::{exp, log};
use serde_json::Value;

/// The values that a parameter may have.
///
/// A value stands in a journal, in [`Params`](crate::Params) and before samplers in its *internal* form, one
/// `f64`: a number is itself, a choice is its place in the list. [`Domain::value`] shows it to people and programs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Domain {
    /// A real number from `low` to `high`, both included.
    Float {
        /// The smallest value.
        low: f64,
        /// The greatest value.
        high: f64,
        /// Whether it is looked for by orders of magnitude. `low` is above zero then, and there is no `step`.
        log: bool,
        /// The distance of the values that are tried, counted from `low`; `None` for all of them.
        step: Option<f64>,
    },
    /// A whole number from `low` to `high`, both included.
    Int {
        /// The smallest value.
        low: i64,
        /// The greatest value.
        high: i64,
        /// Whether it is looked for by orders of magnitude. `low` is at least 1 then, and `step` is 1.
        log: bool,
        /// The distance of the values that are tried, counted from `low`; at least 1.
        step: i64,
    },
    /// One of a list.
    Choice {
        /// What may be chosen: texts, numbers, booleans or `null`. Their order never changes in a study.
        choices: Vec<Value>,
        /// The places of those that are not tried any more.
        disabled: BTreeSet<usize>,
    },
}

impl Domain {
    /// The value of an internal one: a number, or what was chosen; `None` if there is no such value.
    pub fn value(&self, internal: f64) -> Option<Value> {
        match self {
            Self::Float { .. } => serde_json::Number::from_f64(internal).map(Value::Number),
            Self::Int { .. } => (internal.fract() == 0.0).then(|| Value::from(internal as i64)),
            Self::Choice { choices, .. } => {
                let is_place = internal >= 0.0 && internal.fract() == 0.0;
                is_place.then(|| choices.get(place(internal)).cloned()).flatten()
            }
        }
    }

    /// The internal form of a value; `None` if it is none of this domain.
    pub fn internal(&self, value: &Value) -> Option<f64> {
        let internal = match self {
            Self::Float { .. } => value.as_f64()?,
            Self::Int { .. } => {
                value.as_i64().map(|whole| whole as f64).or_else(|| value.as_f64())?
            }
            Self::Choice { choices, .. } => {
                choices.iter().position(|choice| same(choice, value))? as f64
            }
        };
        self.holds(internal).then_some(internal)
    }

    /// Whether it is a value of this domain, within its bounds; a step is not looked at, since a domain may have
    /// been given another one since.
    pub fn holds(&self, internal: f64) -> bool {
        match self {
            Self::Float { low, high, .. } => (*low..=*high).contains(&internal),
            Self::Int { low, high, .. } => {
                internal.fract() == 0.0 && (*low as f64..=*high as f64).contains(&internal)
            }
            Self::Choice { .. } => self.value(internal).is_some(),
        }
    }

    /// The places of the choices that are still tried; empty for a number.
    pub fn enabled(&self) -> Vec<usize> {
        match self {
            Self::Choice { choices, disabled } => {
                (0..choices.len()).filter(|place| !disabled.contains(place)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How many values it has; `None` for a float without a step, and for more than 2⁵³.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Float { step: None, .. } => None,
            Self::Float { low, high, step: Some(step), .. } => {
                let steps = ((high - low) / step + 1e-9).floor();
                (steps < 9e15).then_some(place(steps) as u64 + 1)
            }
            Self::Int { low, high, step, .. } => {
                let steps = high.checked_sub(*low)?.checked_div(*step)?;
                u64::try_from(steps).ok()?.checked_add(1)
            }
            Self::Choice { .. } => Some(self.enabled().len() as u64),
        }
    }

    /// The value at a place of the unit interval, 0 at `low` and 1 at `high`: on a logarithmic scale where the domain
    /// has one, in cells of equal width for whole numbers, steps and choices.
    pub fn of_unit(&self, unit: f64) -> f64 {
        let unit = unit.clamp(0.0, 1.0);
        match self {
            Self::Float { low, high, log: true, .. } => {
                exp(log(*low) + unit * (log(*high) - log(*low))).clamp(*low, *high)
            }
            Self::Float { low, high, step: None, .. } => {
                // Not by their distance, which may be more than a float holds.
                (low * (1.0 - unit) + high * unit).clamp(*low, *high)
            }
            // The last step may come to more than the end by its last digit.
            Self::Float { low, high, step: Some(step), .. } => {
                (low + step * self.cell(unit)).min(*high)
            }
            Self::Int { low, high, log: true, .. } => {
                let (from, to) = (log(*low as f64 - 0.5), log(*high as f64 + 0.5));
                exp(from + unit * (to - from)).round().clamp(*low as f64, *high as f64)
            }
            Self::Int { low, step, .. } => *low as f64 + *step as f64 * self.cell(unit),
            Self::Choice { .. } => {
                self.enabled().get(place(self.cell(unit))).map_or(0.0, |place| *place as f64)
            }
        }
    }

    /// The place of a value in the unit interval: the middle of its cell where there are cells.
    pub fn to_unit(&self, internal: f64) -> f64 {
        let unit = match self {
            Self::Float { low, high, log: true, .. } => {
                (log(internal) - log(*low)) / (log(*high) - log(*low))
            }
            Self::Float { low, high, step: None, .. } => {
                (0.5 * internal - 0.5 * low) / (0.5 * high - 0.5 * low)
            }
            Self::Float { low, step: Some(step), .. } => self.middle((internal - low) / step),
            Self::Int { low, high, log: true, .. } => {
                let (from, to) = (log(*low as f64 - 0.5), log(*high as f64 + 0.5));
                (log(internal) - from) / (to - from)
            }
            Self::Int { low, step, .. } => self.middle((internal - *low as f64) / *step as f64),
            Self::Choice { .. } => {
                let place = self.enabled().iter().position(|place| *place as f64 == internal);
                place.map_or(0.5, |place| self.middle(place as f64))
            }
        };
        // A range of one value has no width.
        if unit.is_finite() { unit.clamp(0.0, 1.0) } else { 0.5 }
    }

    fn cell(&self, unit: f64) -> f64 {
        let count = self.count().unwrap_or(1).max(1) as f64;
        (unit * count).floor().min(count - 1.0)
    }

    fn middle(&self, cell: f64) -> f64 {
        (cell + 0.5) / self.count().unwrap_or(1).max(1) as f64
    }
}

/// The place that a whole number names.
#[expect(clippy::cast_sign_loss, reason = "below zero it is place 0, by what the conversion does")]
fn place(whole: f64) -> usize {
    whole as usize
}

/// Whether two choices are the same value: 1 and 1.0 are.
fn same(one: &Value, other: &Value) -> bool {
    one == other
        || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;

    use super::*;

    fn all() -> Vec<Domain> {
        vec![
            Domain::Float { low: 1e-5, high: 1e-1, log: true, step: None },
            Domain::Float { low: -1.0, high: 1.0, log: false, step: None },
            Domain::Float { low: 0.0, high: 1.0, log: false, step: Some(0.25) },
            Domain::Int { low: 32, high: 512, log: true, step: 1 },
            Domain::Int { low: -3, high: 12, log: false, step: 5 },
            Domain::Choice {
                choices: vec![json!("relu"), json!(2), json!(null)],
                disabled: BTreeSet::from([1]),
            },
        ]
    }

    #[test]
    fn each_place_of_the_unit_interval_is_a_value_that_has_its_place_there() {
        for domain in all() {
            for place in 0..=100 {
                let value = domain.of_unit(f64::from(place) / 100.0);
                assert!(domain.holds(value), "{domain:?} {value}");
                assert!(
                    (domain.of_unit(domain.to_unit(value)) - value).abs() < 1e-9,
                    "{domain:?} {value}"
                );
            }
        }
    }

    #[test]
    fn a_choice_that_is_disabled_is_not_tried_and_still_known() {
        let choice = &all()[5];
        let tried: BTreeSet<usize> =
            (0..=50).map(|at| place(choice.of_unit(f64::from(at) / 50.0))).collect();
        assert_eq!(tried, BTreeSet::from([0, 2]));
        assert_eq!(choice.value(1.0), Some(json!(2)));
        assert_eq!(choice.internal(&json!(2.0)), Some(1.0));
        assert_eq!(choice.internal(&json!("tanh")), None);
    }
}
