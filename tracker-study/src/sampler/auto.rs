//! The sampler that fits.

use fastrand::Rng;

use super::{
    contract::{Asked, Sampler},
    gp::Gp,
    tpe::Tpe,
};
use crate::Params;

/// A Gaussian process, which learns the most from few trials, where it is quick and knows what to compare; else TPE. Both
/// begin with trials that are well spread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Auto {
    gp: Gp,
    tpe: Tpe,
}

/// How many trials a Gaussian process is asked beside.
const MOST_TRIALS: usize = 200;

/// In how many dimensions a Gaussian process is asked.
const MOST_DIMENSIONS: usize = 20;

impl Auto {
    pub(super) fn new(seed: u64) -> Self {
        Self { gp: Gp::new(seed), tpe: Tpe::new(seed) }
    }
}

impl Sampler for Auto {
    fn ask(&self, asked: &Asked<'_>, draws: &mut Rng) -> Option<Params> {
        let space = asked.space;
        let is_small = asked.trials.len() <= MOST_TRIALS
            && space.parameters().len() <= MOST_DIMENSIONS
            && !space.has_conditions();
        if is_small { self.gp.ask(asked, draws) } else { self.tpe.ask(asked, draws) }
    }
}
