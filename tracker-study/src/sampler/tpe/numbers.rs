//! Which numbers trials have: a normal distribution around each, cut off at the ends of the scale.

use fastrand::Rng;
use libm::log;

use super::scale::Scale;
use crate::sampler::normal::{LN_ROOT_TAU, between, draw_within};

/// The distributions around numbers, and one over the whole scale at last.
#[derive(Debug)]
pub(super) struct Numbers {
    scale: Scale,
    kernels: Vec<Kernel>,
}

#[derive(Debug, Clone, Copy)]
struct Kernel {
    mean: f64,
    deviation: f64,
    /// The logarithm of the part of it that lies within the scale.
    within: f64,
}

/// The least probability that is told of a cell: its logarithm is finite.
const LEAST: f64 = 1e-300;

/// A deviation is at least this part of the scale, or 1 / (2 + the number of trials) if that is more: Optuna's magic clip.
const NARROWEST: f64 = 100.0;

impl Numbers {
    /// Of values that trials have, each as wide as the farther of its neighbours is away.
    pub(super) fn new(scale: Scale, values: &[f64]) -> Self {
        let places: Vec<f64> = values.iter().map(|value| scale.of_value(*value)).collect();
        let least = scale.width() / NARROWEST.min(2.0 + places.len() as f64);
        let widths = widths(scale, &places);
        let kernels = places
            .iter()
            .zip(widths)
            .map(|(mean, width)| (*mean, width.clamp(least, scale.width())));
        let whole = (0.5 * (scale.from + scale.to), scale.width());
        let kernels = kernels.chain([whole]).map(|(mean, deviation)| {
            let part = between((scale.from - mean) / deviation, (scale.to - mean) / deviation);
            Kernel { mean, deviation, within: log(part.max(LEAST)) }
        });
        Self { scale, kernels: kernels.collect() }
    }

    /// A value of the distribution of this number.
    pub(super) fn draw(&self, kernel: usize, draws: &mut Rng) -> f64 {
        let Some(kernel) = self.kernels.get(kernel) else {
            return self.scale.value(self.scale.from);
        };
        let place =
            draw_within(kernel.mean, kernel.deviation, self.scale.from, self.scale.to, draws);
        self.scale.value(place)
    }

    /// The logarithm of the density at a value, or of its cell's probability, by each distribution.
    pub(super) fn densities(&self, value: f64) -> Vec<f64> {
        let place = self.scale.of_value(value);
        let cell = self.scale.cell(value);
        let density = |kernel: &Kernel| {
            let z = |place: f64| (place - kernel.mean) / kernel.deviation;
            let density = match cell {
                Some((from, to)) => log(between(z(from), z(to)).max(LEAST)),
                None => -0.5 * z(place) * z(place) - log(kernel.deviation) - LN_ROOT_TAU,
            };
            density - kernel.within
        };
        self.kernels.iter().map(density).collect()
    }
}

/// How far the farther neighbour of each place is; the scale's ends are neighbours only where there is no other on that
/// side of a single place.
fn widths(scale: Scale, places: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|one, other| places[*one].total_cmp(&places[*other]));
    let mut widths = vec![0.0; places.len()];
    for (rank, index) in order.iter().enumerate() {
        let place = places[*index];
        let before = rank.checked_sub(1).map(|rank| place - places[order[rank]]);
        let behind = order.get(rank + 1).map(|next| places[*next] - place);
        widths[*index] = match (before, behind) {
            (None, None) => (place - scale.from).max(scale.to - place),
            (Some(only), None) | (None, Some(only)) => only,
            (Some(before), Some(behind)) => before.max(behind),
        };
    }
    widths
}
