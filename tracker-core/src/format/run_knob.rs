//! A knob as `run.json` tells of it.

use serde::{Deserialize, Serialize};

use crate::Step;

/// A [`Knob`](crate::Knob) of a run, as `run.json` tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunKnob {
    /// The value with which it was declared.
    pub default: f64,
    /// The least value that it takes; `None` without a bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// The greatest value that it takes; `None` without a bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// The value that it has.
    pub value: f64,
    /// The first step that saw this value, if somebody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Step>,
}

impl RunKnob {
    pub(crate) fn new(default: f64) -> Self {
        Self { default, least: None, most: None, value: default, since: None }
    }

    /// Whether it takes a value; if not, why.
    ///
    /// # Errors
    /// If it is no finite number, or beyond the bounds.
    pub(crate) fn check(&self, value: f64) -> Result<(), String> {
        if !value.is_finite() {
            return Err("it is no finite number".to_owned());
        }
        let is_within = self.least.is_none_or(|least| least <= value)
            && self.most.is_none_or(|most| value <= most);
        if is_within { Ok(()) } else { Err(format!("it takes values {}", self.bounds())) }
    }

    /// Its bounds in words, such as `from 1e-6 to 0.1`.
    pub fn bounds(&self) -> String {
        match (self.least, self.most) {
            (Some(least), Some(most)) => format!("from {least:?} to {most:?}"),
            (Some(least), None) => format!("from {least:?} on"),
            (None, Some(most)) => format!("up to {most:?}"),
            (None, None) => "of any size".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_values_within_the_bounds_are_taken() {
        let knob = RunKnob { least: Some(1e-6), most: Some(0.1), ..RunKnob::new(0.01) };
        assert_eq!((knob.check(1e-6), knob.check(0.1)), (Ok(()), Ok(())));
        for beyond in [0.0, 0.2, -1.0, f64::NAN, f64::INFINITY] {
            assert!(knob.check(beyond).is_err(), "{beyond}");
        }
        assert_eq!(knob.check(1.0).unwrap_err(), "it takes values from 1e-6 to 0.1");
        assert!(RunKnob::new(0.0).check(f64::MAX).is_ok());
        assert!(RunKnob::new(0.0).check(f64::NEG_INFINITY).is_err());
    }
}
