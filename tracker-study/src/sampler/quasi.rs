//! Values that are well spread over the space.

use fastrand::Rng;

use super::contract::{Asked, Sampler};
use crate::{Params, Space};

/// Sobol's sequence, scrambled as by Owen (Burley 2020, "Practical Hash-based Owen Scrambling"): the trial's number is its
/// place in the sequence, so that it goes on whoever asks, and each parameter has a dimension of its own, there or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quasi {
    seed: u64,
}

impl Quasi {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The values at a place of the sequence.
    pub(super) fn at(self, space: &Space, place: usize) -> Params {
        let names: Vec<&str> = space.parameters().iter().map(|known| &*known.name).collect();
        space.fill(|parameter| {
            let dimension = names.iter().position(|name| *name == parameter.name).unwrap_or(0);
            parameter.domain.of_unit(self.unit(place, dimension))
        })
    }

    /// One coordinate of a point, in 0..1. Behind the crate's ends of the sequence and of the dimensions another scramble
    /// begins.
    fn unit(self, place: usize, dimension: usize) -> f64 {
        let dimensions = sobol_burley::NUM_DIMENSIONS as usize;
        let scramble = (place / LENGTH) * 31 + dimension / dimensions;
        let seed =
            (self.seed ^ (self.seed >> 32)) as u32 ^ (scramble as u32).wrapping_mul(0x9E37_79B9);
        let sample =
            sobol_burley::sample((place % LENGTH) as u32, (dimension % dimensions) as u32, seed);
        f64::from(sample)
    }
}

/// How many points the crate's sequence has.
const LENGTH: usize = 1 << 16;

impl Sampler for Quasi {
    fn ask(&self, asked: &Asked<'_>, _: &mut Rng) -> Option<Params> {
        Some(self.at(asked.space, asked.trials.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::tests::float;

    #[test]
    fn each_part_of_the_space_gets_its_share() {
        let space = Space::new((0..6).map(|i| float(&format!("x{i}"), 0.0, 1.0)).collect());
        for seed in 0..5 {
            let points: Vec<Params> = (0..64).map(|at| Quasi::new(seed).at(&space, at)).collect();
            for name in points[0].keys() {
                // Of the first 64 points, each 64th of a dimension has one.
                let mut parts: Vec<f64> =
                    points.iter().map(|point| (64.0 * point[name]).floor()).collect();
                parts.sort_by(f64::total_cmp);
                let each: Vec<f64> = (0..64).map(f64::from).collect();
                assert_eq!(parts, each, "seed {seed}, {name}");
            }
        }
    }

    #[test]
    fn the_sequence_goes_on_beyond_its_ends() {
        let quasi = Quasi::new(u64::MAX);
        let places = [0, 1, LENGTH - 1, LENGTH, LENGTH + 1, 10 * LENGTH];
        let dimensions = [0, 1, 255, 256, 257, 100_000];
        let mut seen = Vec::new();
        for place in places {
            for dimension in dimensions {
                let unit = quasi.unit(place, dimension);
                assert!((0.0..1.0).contains(&unit) && !seen.contains(&unit), "{place} {dimension}");
                seen.push(unit);
            }
        }
    }
}
