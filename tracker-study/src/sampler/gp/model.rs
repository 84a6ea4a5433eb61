//! The process that fits what is known, and what it says of a point.

use super::{
    coordinates::{Coordinates, Point},
    density::{Known, Settings},
    matern::Matern,
    matrix::{Lower, dot},
    rprop, standard,
};
use crate::sampler::history::History;

/// How many results the process knows at most; more would make an ask take too long.
const MOST_RESULTS: usize = 250;

/// How many trials that train it knows at most, the newest.
const MOST_PENDING: usize = 50;

/// From how many results the settings are found, first roughly and from several beginnings, then well; and by how many
/// evaluations.
const ROUGHLY: (usize, usize) = (40, 30);
const WELL: (usize, usize) = (100, 16);

/// The logarithms of the noise from which settings are looked for.
const NOISES: [f64; 2] = [-6.0, -2.0];

/// Beyond this variance of the noise the best result may be luck, and the best mean counts.
const IS_NOISY: f64 = 1e-3;

/// The least variance that is said of a point.
const LEAST_VARIANCE: f64 = 1e-10;

/// A Gaussian process that knows results.
#[derive(Debug)]
pub(super) struct Model<'a> {
    coordinates: &'a Coordinates<'a>,
    settings: Settings,
    /// The points that it knows: of results, then of trials that train.
    points: Vec<Point>,
    results: usize,
    /// Their standardized losses, and the mean and the deviation that the losses have.
    losses: Vec<f64>,
    scale: (f64, f64),
    factor: Lower,
    /// K⁻¹·y, by which the mean is a sum (GPML, 2.27).
    solved: Vec<f64>,
    best: f64,
}

impl<'a> Model<'a> {
    /// The process of the likeliest settings. Of trials that train it believes that they come to the mean that the results
    /// promise, so that no one else is sent where they are (the kriging believer: Ginsbourger, Le Riche and Carraro 2010).
    /// `None` if there is nothing to learn from.
    pub(super) fn new(coordinates: &'a Coordinates<'a>, history: &History<'_>) -> Option<Self> {
        let known = history.results.iter();
        let known: Vec<(Point, f64)> =
            known.filter_map(|seen| Some((coordinates.of(seen.params)?, seen.loss))).collect();
        let (points, losses): (Vec<Point>, Vec<f64>) =
            telling(known, MOST_RESULTS).into_iter().unzip();
        let standard::Standard { losses, scale } = standard::standardized(&losses);
        let settings = likeliest(coordinates, &points, &losses)?;
        let mut model = Self::of(coordinates, settings, points, losses)?;
        if model.settings.noise > IS_NOISY {
            let means = model.points.iter().map(|point| model.says(point).0);
            model.best = means.fold(f64::INFINITY, f64::min);
        }
        let pending = history.pending.iter().rev().take(MOST_PENDING);
        model.scale = scale;
        model.believing(pending.filter_map(|params| coordinates.of(params)).collect())
    }

    /// The process that knows these losses of these points.
    fn of(
        coordinates: &'a Coordinates<'a>,
        settings: Settings,
        points: Vec<Point>,
        losses: Vec<f64>,
    ) -> Option<Self> {
        let mut covariance = Vec::new();
        for (row, one) in points.iter().enumerate() {
            let others = points[..=row].iter();
            covariance
                .extend(others.map(|other| covariance_of(coordinates, &settings, one, other)));
            *covariance.last_mut()? += settings.noise;
        }
        let factor = Lower::new(points.len(), covariance).factor()?;
        let mut solved = losses.clone();
        factor.solve(&mut solved);
        factor.solve_transposed(&mut solved);
        let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let results = points.len();
        let scale = (0.0, 1.0);
        Some(Self { coordinates, settings, points, results, losses, scale, factor, solved, best })
    }

    /// The same process, which believes what it says of these points.
    fn believing(self, pending: Vec<Point>) -> Option<Self> {
        if pending.is_empty() {
            return Some(self);
        }
        let believed: Vec<f64> = pending.iter().map(|point| self.says(point).0).collect();
        let Self { coordinates, settings, points, results, losses, scale, best, .. } = self;
        let (points, losses) = ([points, pending].concat(), [losses, believed].concat());
        let model = Self::of(coordinates, settings, points, losses)?;
        Some(Self { results, scale, best, ..model })
    }

    /// The mean and the deviation of the loss at a point, without the noise (GPML, 2.25 and 2.26).
    pub(super) fn says(&self, point: &[f64]) -> (f64, f64) {
        let alike = |known: &Point| covariance_of(self.coordinates, &self.settings, known, point);
        let mut alike: Vec<f64> = self.points.iter().map(alike).collect();
        let mean = dot(&alike, &self.solved);
        self.factor.solve(&mut alike);
        let variance = self.settings.amplitude - dot(&alike, &alike);
        (mean, variance.max(LEAST_VARIANCE).sqrt())
    }

    /// The loss that is expected at a point, in the unit of the losses.
    pub(super) fn expects(&self, point: &[f64]) -> f64 {
        let (mean, deviation) = self.scale;
        mean + deviation * self.says(point).0
    }

    /// The loss that is to be improved on.
    pub(super) fn best(&self) -> f64 {
        self.best
    }

    /// The points that have results, the best first.
    pub(super) fn ranked(&self) -> Vec<&Point> {
        let mut ranked: Vec<(&Point, f64)> =
            self.points.iter().zip(self.losses.iter().copied()).take(self.results).collect();
        ranked.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        ranked.into_iter().map(|(point, _)| point).collect()
    }

    /// Whether a point has been tried, and whether it is being tried now.
    pub(super) fn knows(&self, point: &[f64]) -> (bool, bool) {
        let (tried, pending) = self.points.split_at(self.results);
        (tried.iter().any(|known| known == point), pending.iter().any(|known| known == point))
    }
}

fn covariance_of(
    coordinates: &Coordinates<'_>,
    settings: &Settings,
    one: &[f64],
    other: &[f64],
) -> f64 {
    let places = one.iter().zip(other).zip(&settings.weights).enumerate();
    let square: f64 = places
        .map(|(axis, ((one, other), weight))| weight * coordinates.apart(axis, *one, *other))
        .sum();
    settings.amplitude * Matern::at(square).value
}

/// The results that tell the most, in their order, at most so many: a half are the best, the others the newest of the rest.
fn telling(results: Vec<(Point, f64)>, most: usize) -> Vec<(Point, f64)> {
    if results.len() <= most {
        return results;
    }
    let mut ranked: Vec<usize> = (0..results.len()).collect();
    ranked.sort_by(|one, other| results[*one].1.total_cmp(&results[*other].1));
    let mut told = vec![false; results.len()];
    for index in ranked.iter().take(most / 2) {
        told[*index] = true;
    }
    let newest: Vec<usize> =
        (0..results.len()).rev().filter(|index| !told[*index]).take(most - most / 2).collect();
    for index in newest {
        told[index] = true;
    }
    results.into_iter().zip(told).filter_map(|(result, told)| told.then_some(result)).collect()
}

/// The likeliest settings (MAP), found roughly from several beginnings, and from the best of those well.
fn likeliest(coordinates: &Coordinates<'_>, points: &[Point], losses: &[f64]) -> Option<Settings> {
    let some = |most: usize| {
        let all = points.iter().cloned().zip(losses.iter().copied()).collect();
        let (points, losses): (Vec<Point>, Vec<f64>) = telling(all, most).into_iter().unzip();
        Known::new(coordinates, &points.iter().collect::<Vec<_>>(), losses)
    };
    let rough = some(ROUGHLY.0);
    let starts = NOISES.iter().map(|noise| {
        let mut start = vec![0.0; coordinates.count() + 1];
        start.push(*noise);
        start
    });
    let found =
        starts.filter_map(|start| rprop::smallest(start, ROUGHLY.1, |at| rough.density(at)));
    let found = found.min_by(|one, other| one.value.total_cmp(&other.value))?;
    if points.len() <= ROUGHLY.0 {
        return Some(Settings::of_logarithms(&found.at));
    }
    let well = some(WELL.0);
    let settled = rprop::smallest(found.at.clone(), WELL.1, |at| well.density(at));
    Some(Settings::of_logarithms(&settled.map_or(found.at, |settled| settled.at)))
}
