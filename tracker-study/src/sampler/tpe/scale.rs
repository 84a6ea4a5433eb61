//! The scale on which a number's values are looked for.

use libm::{exp, log};

use crate::Domain;

/// The scale on which a number's values are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// Its ends, on the scale. Where values are steps, half a step beyond the first and the last of them.
    pub(super) from: f64,
    pub(super) to: f64,
    log: bool,
    /// The first value, the distance of values and the last, where they are steps.
    steps: Option<(f64, f64, f64)>,
}

impl Scale {
    /// The scale of a number; `None` for a choice, and for a number that has one value.
    pub(super) fn of(domain: &Domain) -> Option<Self> {
        let (low, high, log, step) = match *domain {
            Domain::Float { low, high, log, step } => (low, high, log, step),
            Domain::Int { low, high, log, step } => {
                (low as f64, high as f64, log, Some(step as f64))
            }
            Domain::Choice { .. } => return None,
        };
        let last =
            low + domain.count().map_or(0.0, |count| (count - 1) as f64) * step.unwrap_or(0.0);
        let steps = step.map(|step| (low, step, last));
        let (least, most) =
            steps.map_or((low, high), |(low, step, last)| (low - step / 2.0, last + step / 2.0));
        let scale = Self { from: 0.0, to: 0.0, log, steps };
        let scale = Self { from: scale.of_value(least), to: scale.of_value(most), ..scale };
        let is_wide = scale.to - scale.from > 0.0 && (scale.to - scale.from).is_finite();
        (is_wide && domain.count() != Some(1)).then_some(scale)
    }

    pub(super) fn width(&self) -> f64 {
        self.to - self.from
    }

    /// A value's place on the scale.
    pub(super) fn of_value(&self, value: f64) -> f64 {
        if self.log { log(value) } else { value }
    }

    /// The value at a place on the scale: the nearest one where values are steps.
    pub(super) fn value(&self, place: f64) -> f64 {
        let value = if self.log { exp(place) } else { place };
        match self.steps {
            None => value.clamp(self.value_at(self.from), self.value_at(self.to)),
            Some((first, step, last)) => {
                (first + ((value - first) / step).round() * step).clamp(first, last)
            }
        }
    }

    fn value_at(&self, end: f64) -> f64 {
        if self.log { exp(end) } else { end }
    }

    /// What lies around a value that is a step, on the scale; `None` where values are no steps.
    pub(super) fn cell(&self, value: f64) -> Option<(f64, f64)> {
        let (_, step, _) = self.steps?;
        Some((self.of_value(value - step / 2.0), self.of_value(value + step / 2.0)))
    }
}
