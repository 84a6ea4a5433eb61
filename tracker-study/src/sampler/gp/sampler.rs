//! The sampler that asks a Gaussian process.

use fastrand::Rng;

use super::{coordinates::Coordinates, model::Model, search};
use crate::{
    Params,
    sampler::{
        contract::{Asked, Sampler},
        history::History,
        random::Random,
        start,
    },
};

/// Fits a Gaussian process to all results, and chooses the values at which the expected improvement is the greatest. It
/// begins with trials that are well spread.
#[derive(Debug, Clone, Copy)]
pub(in crate::sampler) struct Gp {
    seed: u64,
}

impl Gp {
    pub(in crate::sampler) fn new(seed: u64) -> Self {
        Self { seed }
    }
}

impl Sampler for Gp {
    fn ask(&self, asked: &Asked<'_>, draws: &mut Rng) -> Option<Params> {
        let history = History::new(asked, draws);
        if let Some(spread) = start::spread(self.seed, asked, &history) {
            return Some(spread);
        }
        let coordinates = Coordinates::new(asked.space);
        let model = Model::new(&coordinates, &history);
        let point = model.and_then(|model| search::most_promising(&model, &coordinates, draws));
        match point {
            Some(point) => Some(coordinates.params(&point)),
            None => Random.ask(asked, draws),
        }
    }
}
