//! How often each value of a parameter was tried: a smooth density over the cells of its domain.

use std::f64::consts::{LN_2, SQRT_2};

use crate::Domain;

/// A domain is looked at in so many cells at most.
const MOST_CELLS: usize = 50;

/// The narrowest kernel, in cells: nine tenths of it lie within its own cell.
const NARROWEST: f64 = 0.5 / 1.64;

/// How many cells a domain has; `None` where it has a single value, so that nothing can be told of it.
pub(crate) fn cells_of(domain: &Domain) -> Option<usize> {
    let cells = match domain {
        Domain::Choice { choices, .. } => choices.len(),
        Domain::Float { low, high, step: Some(step), .. } => {
            cells_in(((high - low) / step).round_ties_even())
        }
        Domain::Float { low, high, .. } if low < high => MOST_CELLS,
        Domain::Float { .. } => 1,
        Domain::Int { low, high, log: true, .. } => {
            cells_in(((*high as f64 - *low as f64 + 1.0).ln() / LN_2).ceil())
        }
        Domain::Int { low, high, step, .. } => {
            cells_in(((*high as f64 - *low as f64) / *step as f64).round_ties_even())
        }
    };
    (cells > 1).then_some(cells)
}

#[expect(clippy::cast_sign_loss, reason = "below zero it is one cell, by what the conversion does")]
fn cells_in(steps: f64) -> usize {
    (steps as usize).saturating_add(1).min(MOST_CELLS)
}

/// How probable each cell is by these values, which are internal ones and at least one: kernels around the values, and
/// one over the whole domain that weighs as much as one value.
///
/// The kernels are those of Optuna's `PedAnovaImportanceEvaluator`: for numbers normal ones, cut at the ends of the
/// domain, as wide as Scott's rule says (D. W. Scott, Multivariate Density Estimation, 1992).
pub(crate) fn density(domain: &Domain, cells: usize, values: &[f64]) -> Vec<f64> {
    let mut counts = vec![0_usize; cells];
    for value in values {
        counts[cell_of(domain, cells, *value)] += 1;
    }
    let tried: Vec<(usize, f64)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(cell, count)| (cell, *count as f64))
        .collect();
    let all = values.len() as f64 + 1.0;
    let mut density = match domain {
        Domain::Choice { .. } => of_choices(cells, &tried),
        _ => of_numbers(cells, &tried),
    };
    for each in &mut density {
        *each = *each / all + 1e-12;
    }
    density
}

/// The cell of a value. What lies half-way between two belongs to the lower one.
#[expect(clippy::cast_sign_loss, reason = "it is clamped to the cells")]
fn cell_of(domain: &Domain, cells: usize, value: f64) -> usize {
    let last = (cells - 1) as f64;
    let place = match domain {
        Domain::Choice { .. } => value,
        Domain::Float { low, high, log: false, .. } => along(value, *low, *high, last),
        Domain::Float { low, high, .. } => along(value.ln(), low.ln(), high.ln(), last),
        Domain::Int { low, high, log: false, .. } => along(value, *low as f64, *high as f64, last),
        Domain::Int { low, high, .. } => {
            along(value.ln(), (*low as f64).ln(), (*high as f64).ln(), last)
        }
    };
    place.clamp(0.0, last) as usize
}

fn along(value: f64, low: f64, high: f64, last: f64) -> f64 {
    ((value - low) / ((high - low) / last) - 0.5).ceil()
}

/// The sum of the kernels of choices, each with its weight.
fn of_choices(cells: usize, tried: &[(usize, f64)]) -> Vec<f64> {
    let kernels = tried.len() as f64 + 1.0;
    let (other, sum) = (1.0 / kernels, 1.0 + cells as f64 / kernels);
    let mut density = vec![1.0 / cells as f64; cells];
    for (own, weight) in tried {
        for (cell, each) in density.iter_mut().enumerate() {
            let kernel = if cell == *own { 1.0 + other } else { other };
            *each += weight * kernel / sum;
        }
    }
    density
}

/// The sum of the kernels of numbers, each with its weight.
fn of_numbers(cells: usize, tried: &[(usize, f64)]) -> Vec<f64> {
    let width = width_of(tried).max(NARROWEST);
    let mut density = vec![0.0; cells];
    add_kernel(&mut density, (cells - 1) as f64 / 2.0, cells as f64, 1.0);
    for (cell, weight) in tried {
        add_kernel(&mut density, *cell as f64, width, *weight);
    }
    density
}

/// The width of each kernel, in cells: 1.059 · min(interquartile range / 1.34, standard deviation) · n^(−1/5).
fn width_of(tried: &[(usize, f64)]) -> f64 {
    let all: f64 = tried.iter().map(|(_, weight)| weight).sum();
    let mean = tried.iter().map(|(cell, weight)| *cell as f64 * weight).sum::<f64>() / all;
    let squares: f64 =
        tried.iter().map(|(cell, weight)| (*cell as f64 - mean).powi(2) * weight).sum();
    let deviation = (squares / (all - 1.0).max(1.0)).sqrt();
    let (first, third) = ((all / 4.0).floor(), (all * 3.0 / 4.0).floor());
    let mut sum = 0.0;
    let until: Vec<f64> = tried
        .iter()
        .map(|(_, weight)| {
            sum += weight;
            sum
        })
        .collect();
    let low = until.partition_point(|until| *until < first);
    let high = until.partition_point(|until| *until <= third).min(tried.len() - 1);
    let range = tried[high].0 as f64 - tried[low].0 as f64;
    1.059 * (range / 1.34).min(deviation) * all.powf(-0.2)
}

/// Adds a normal kernel, cut half a cell beyond the first and the last.
fn add_kernel(density: &mut [f64], middle: f64, width: f64, weight: f64) {
    let below = |place: f64| libm::erf((place - middle) / (width * SQRT_2)) / 2.0;
    let whole = below(density.len() as f64 - 0.5) - below(-0.5);
    for (cell, each) in density.iter_mut().enumerate() {
        *each += weight * (below(cell as f64 + 0.5) - below(cell as f64 - 0.5)) / whole;
    }
}
