//! Where it pays most to look next.

use fastrand::Rng;

use super::{
    coordinates::{Coordinates, Point},
    improvement::log_expected,
    model::Model,
};
use crate::sampler::normal;

/// How many points are drawn from the whole space, and how many around the best results.
const DRAWN: (usize, usize) = (300, 100);

/// Around how many of the best results.
const BEST: usize = 4;

/// How many of the most promising points are improved, and by how many steps.
const IMPROVED: (usize, usize) = (4, 60);

/// The deviation of a step at first and at least, in units of the space's width, and what it shrinks by where it has not
/// led to a better point.
const STEP: (f64, f64, f64) = (0.1, 1e-3, 0.93);

/// What a point is worse by that was tried, and one that is being tried: they are chosen where nothing else is left.
const TRIED: f64 = 1e6;
const PENDING: f64 = 1e7;

/// The point whose expected improvement is the greatest that is found.
pub(super) fn most_promising(
    model: &Model<'_>,
    coordinates: &Coordinates<'_>,
    draws: &mut Rng,
) -> Option<Point> {
    let mut candidates: Vec<Candidate> = drawn(model, coordinates, draws)
        .iter()
        .map(|units| Candidate::new(model, coordinates.snapped(units)))
        .collect();
    candidates.sort_by(|one, other| other.worth.total_cmp(&one.worth));
    candidates.truncate(IMPROVED.0);
    let improved = candidates.into_iter().map(|from| improved(model, coordinates, from, draws));
    improved.max_by(|one, other| one.worth.total_cmp(&other.worth)).map(|best| best.point)
}

#[derive(Debug, Clone)]
struct Candidate {
    point: Point,
    worth: f64,
}

impl Candidate {
    fn new(model: &Model<'_>, point: Point) -> Self {
        let (mean, deviation) = model.says(&point);
        let (tried, pending) = model.knows(&point);
        let less = if tried { TRIED } else { 0.0 } + if pending { PENDING } else { 0.0 };
        let worth = log_expected(mean, deviation, model.best()) - less;
        Self { point, worth }
    }
}

/// Places to begin from.
fn drawn(model: &Model<'_>, coordinates: &Coordinates<'_>, draws: &mut Rng) -> Vec<Vec<f64>> {
    let anywhere = |draws: &mut Rng| (0..coordinates.count()).map(|_| draws.f64()).collect();
    let mut drawn: Vec<Vec<f64>> = (0..DRAWN.0).map(|_| anywhere(draws)).collect();
    let best: Vec<Vec<f64>> =
        model.ranked().into_iter().take(BEST).map(|point| coordinates.units(point)).collect();
    for around in best.iter().cycle().take(if best.is_empty() { 0 } else { DRAWN.1 }) {
        drawn.push(moved(coordinates, around, STEP.0, draws));
    }
    drawn
}

/// A better point near by: steps in all directions or one, shorter and shorter.
fn improved(
    model: &Model<'_>,
    coordinates: &Coordinates<'_>,
    mut best: Candidate,
    draws: &mut Rng,
) -> Candidate {
    let mut step = STEP.0;
    for _ in 0..IMPROVED.1 {
        let units = moved(coordinates, &coordinates.units(&best.point), step, draws);
        let next = Candidate::new(model, coordinates.snapped(&units));
        if next.worth > best.worth {
            best = next;
        } else {
            step = (step * STEP.2).max(STEP.1);
        }
    }
    best
}

/// A place near by: either all numbers are moved, or one coordinate, further; a choice is made anew then.
fn moved(coordinates: &Coordinates<'_>, from: &[f64], step: f64, draws: &mut Rng) -> Vec<f64> {
    let mut units = from.to_vec();
    if draws.f64() < 0.3 && !units.is_empty() {
        let axis = draws.usize(0..units.len());
        units[axis] = if coordinates.is_choice(axis) {
            draws.f64()
        } else {
            (units[axis] + 2.0 * step * normal::draw(draws)).clamp(0.0, 1.0)
        };
        return units;
    }
    for (axis, unit) in units.iter_mut().enumerate() {
        if !coordinates.is_choice(axis) {
            *unit = (*unit + step * normal::draw(draws)).clamp(0.0, 1.0);
        }
    }
    units
}
