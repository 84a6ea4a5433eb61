//! How likely the settings of the process are.

use libm::{exp, log};

use super::{
    coordinates::{Coordinates, Point},
    matern::Matern,
    matrix::{Lower, cells, dot},
};

/// The settings of a Gaussian process.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// One over the squared length scale of each axis: automatic relevance determination (GPML, 5.1).
    pub(super) weights: Vec<f64>,
    /// The variance of the function.
    pub(super) amplitude: f64,
    /// The variance of the noise.
    pub(super) noise: f64,
}

/// The least variance of the noise. It keeps the matrix of equal points from being singular.
const LEAST_NOISE: f64 = 1e-6;

impl Settings {
    /// The settings whose logarithms these are: the weights, the amplitude, the noise above its least.
    pub(super) fn of_logarithms(logarithms: &[f64]) -> Self {
        let axes = logarithms.len().saturating_sub(2);
        let at = |index: usize| logarithms.get(index).map_or(0.0, |logarithm| exp(*logarithm));
        Self {
            weights: (0..axes).map(at).collect(),
            amplitude: at(axes),
            noise: at(axes + 1) + LEAST_NOISE,
        }
    }
}

/// What is known of some points: how far each two are from each other, and their losses.
#[derive(Debug)]
pub(super) struct Known {
    /// For each axis, the squared distances of all pairs, as the cells of a lower half.
    apart: Vec<Vec<f64>>,
    losses: Vec<f64>,
}

impl Known {
    pub(super) fn new(coordinates: &Coordinates<'_>, points: &[&Point], losses: Vec<f64>) -> Self {
        let apart = |axis: usize| {
            let mut apart = Vec::with_capacity(cells(points.len()));
            for (row, one) in points.iter().enumerate() {
                let others = &points[..=row];
                apart.extend(
                    others.iter().map(|other| coordinates.apart(axis, one[axis], other[axis])),
                );
            }
            apart
        };
        Self { apart: (0..coordinates.count()).map(apart).collect(), losses }
    }

    /// The negative logarithm of the posterior density of settings, but for a constant, and its gradient by their
    /// logarithms (GPML, 5.8 and 5.9). `None` if the matrix cannot be factored.
    pub(super) fn density(&self, logarithms: &[f64]) -> Option<(f64, Vec<f64>)> {
        let settings = Settings::of_logarithms(logarithms);
        let count = self.losses.len();
        let alike = self.alike(&settings);
        let mut covariance: Vec<f64> =
            alike.iter().map(|alike| settings.amplitude * alike.value).collect();
        for row in 0..count {
            covariance[cells(row) + row] += settings.noise;
        }
        let factor = Lower::new(count, covariance).factor()?;
        let mut solved = self.losses.clone();
        factor.solve(&mut solved);
        let fit = 0.5 * dot(&solved, &solved);
        factor.solve_transposed(&mut solved);
        let volume: f64 = factor.diagonal().map(log).sum();
        let (prior, mut gradient) = prior(&settings);
        self.add_slopes(&settings, &alike, &pulls(&factor, &solved), &mut gradient);
        Some((fit + volume + prior, gradient))
    }

    /// The covariance of each pair, of amplitude 1.
    fn alike(&self, settings: &Settings) -> Vec<Matern> {
        let mut squares = vec![0.0; cells(self.losses.len())];
        for (apart, weight) in self.apart.iter().zip(&settings.weights) {
            for (square, apart) in squares.iter_mut().zip(apart) {
                *square += weight * apart;
            }
        }
        squares.into_iter().map(Matern::at).collect()
    }

    /// Adds the slopes of the likelihood.
    fn add_slopes(
        &self,
        settings: &Settings,
        alike: &[Matern],
        pulls: &[f64],
        gradient: &mut [f64],
    ) {
        let axes = self.apart.len();
        let slopes: Vec<f64> = alike
            .iter()
            .zip(pulls)
            .map(|(alike, pull)| pull * settings.amplitude * alike.slope)
            .collect();
        for ((slope, apart), weight) in gradient.iter_mut().zip(&self.apart).zip(&settings.weights)
        {
            *slope += weight * dot(&slopes, apart);
        }
        let by_amplitude: f64 =
            alike.iter().zip(pulls).map(|(alike, pull)| pull * alike.value).sum();
        gradient[axes] += settings.amplitude * by_amplitude;
        let by_noise: f64 = (0..self.losses.len()).map(|row| pulls[cells(row) + row]).sum();
        gradient[axes + 1] += (settings.noise - LEAST_NOISE) * by_noise;
    }
}

/// How much each covariance counts: K⁻¹ − α·αᵀ, where α is K⁻¹·y; the diagonal's half, since each pair stands for two.
fn pulls(factor: &Lower, solved: &[f64]) -> Vec<f64> {
    let mut pulls = factor.inverse();
    let mut at = 0;
    for (row, one) in solved.iter().enumerate() {
        for other in &solved[..=row] {
            pulls[at] -= one * other;
            at += 1;
        }
        pulls[at - 1] *= 0.5;
    }
    pulls
}

/// What is held likely before anything is known: the negative logarithm of its density, and the gradient by the settings'
/// logarithms. They are those of Optuna's `GPSampler`: lengths that are neither tiny nor endless, an amplitude near 1 (gamma
/// of shape 2 and rate 1), little noise (gamma of shape 1.1 and rate 30).
fn prior(settings: &Settings) -> (f64, Vec<f64>) {
    let noise = settings.noise - LEAST_NOISE;
    let lengths: f64 = settings.weights.iter().map(|weight| 0.1 / weight + 0.1 * weight).sum();
    let value =
        lengths - log(settings.amplitude) + settings.amplitude - 0.1 * log(noise) + 30.0 * noise;
    let mut gradient: Vec<f64> =
        settings.weights.iter().map(|weight| -0.1 / weight + 0.1 * weight).collect();
    gradient.push(-1.0 + settings.amplitude);
    gradient.push(-0.1 + 30.0 * noise);
    (value, gradient)
}
