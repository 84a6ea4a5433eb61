//! Values as points that can be compared.

use crate::{Domain, Params, Space};

/// A parameter's place in a point: for a number its place in the unit interval (see [`Domain::to_unit`]), for a choice the
/// place of what is chosen.
pub(super) type Point = Vec<f64>;

/// Where a number that is not there stands, so that two points without it are no distance apart.
const NO_NUMBER: f64 = 0.5;

/// What is chosen where a choice is not there.
const NO_CHOICE: f64 = -1.0;

/// How the values of a space become points and the other way round.
#[derive(Debug)]
pub(super) struct Coordinates<'a> {
    axes: Vec<Axis<'a>>,
}

#[derive(Debug)]
struct Axis<'a> {
    name: &'a str,
    domain: &'a Domain,
    /// The axes that must hold one of these choices; no axis if there is no such parameter.
    when: Vec<(Option<usize>, &'a [usize])>,
}

impl<'a> Coordinates<'a> {
    pub(super) fn new(space: &'a Space) -> Self {
        let axis_of = |name: &str| space.parameters().iter().position(|known| known.name == name);
        let axes = space.parameters().iter().map(|parameter| Axis {
            name: &parameter.name,
            domain: &parameter.domain,
            when: (parameter.when.iter())
                .map(|condition| (axis_of(&condition.parameter), &*condition.choices))
                .collect(),
        });
        Self { axes: axes.collect() }
    }

    /// How many axes there are.
    pub(super) fn count(&self) -> usize {
        self.axes.len()
    }

    /// Whether an axis has choices.
    pub(super) fn is_choice(&self, axis: usize) -> bool {
        self.axes.get(axis).is_some_and(Axis::is_choice)
    }

    /// The point of a trial's values; `None` if one of them is outside of its domain, whose bounds may have been changed.
    pub(super) fn of(&self, params: &Params) -> Option<Point> {
        let place = |axis: &Axis<'_>| match params.get(axis.name) {
            Some(value) if !axis.domain.holds(*value) => None,
            Some(value) => Some(axis.place(*value)),
            None => Some(axis.nowhere()),
        };
        self.axes.iter().map(place).collect()
    }

    /// The point that places in the unit interval lead to: in the middle of its cell where there are cells.
    pub(super) fn snapped(&self, units: &[f64]) -> Point {
        let mut point = Point::with_capacity(units.len());
        for (axis, unit) in self.axes.iter().zip(units) {
            let place = if axis.is_active(&point) { axis.snapped(*unit) } else { axis.nowhere() };
            point.push(place);
        }
        point
    }

    /// The places in the unit interval that lead to a point again.
    pub(super) fn units(&self, point: &[f64]) -> Vec<f64> {
        let unit = |(axis, place): (&Axis<'_>, &f64)| {
            if axis.is_choice() { axis.domain.to_unit(*place) } else { *place }
        };
        self.axes.iter().zip(point).map(unit).collect()
    }

    /// The values of a point.
    pub(super) fn params(&self, point: &[f64]) -> Params {
        let active = self.axes.iter().zip(point).filter(|(axis, _)| axis.is_active(point));
        active.map(|(axis, place)| (axis.name.to_owned(), axis.value(*place))).collect()
    }

    /// The squared distance of two places on an axis: of choices it is 1 (Hamming's) where they differ.
    pub(super) fn apart(&self, axis: usize, one: f64, other: f64) -> f64 {
        if self.is_choice(axis) { f64::from(one != other) } else { (one - other) * (one - other) }
    }
}

impl Axis<'_> {
    fn is_choice(&self) -> bool {
        matches!(self.domain, Domain::Choice { .. })
    }

    fn is_active(&self, point: &[f64]) -> bool {
        self.when.iter().all(|(axis, choices)| {
            let chosen = axis.and_then(|axis| point.get(axis).copied());
            chosen.is_some_and(|chosen| choices.iter().any(|place| *place as f64 == chosen))
        })
    }

    fn nowhere(&self) -> f64 {
        if self.is_choice() { NO_CHOICE } else { NO_NUMBER }
    }

    fn place(&self, value: f64) -> f64 {
        if self.is_choice() { value } else { self.domain.to_unit(value) }
    }

    fn value(&self, place: f64) -> f64 {
        if self.is_choice() { place } else { self.domain.of_unit(place) }
    }

    fn snapped(&self, unit: f64) -> f64 {
        match self.domain {
            // Every place is a value's.
            Domain::Float { low, high, step: None, .. } if low < high => unit.clamp(0.0, 1.0),
            domain => self.place(domain.of_unit(unit)),
        }
    }
}
