//! What a sampler is told, and what it answers.

use fastrand::Rng;

use crate::{Metric, Params, Space, Trial};

/// What is known when a trial's values are to be chosen.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Asked<'a> {
    /// What is varied.
    pub space: &'a Space,
    /// What is made better, 1 to 4 metrics.
    pub metrics: &'a [Metric],
    /// All trials that there are, in their order: those that ended, train, and wait.
    pub trials: &'a [Trial],
}

impl<'a> Asked<'a> {
    /// What is known of a study.
    pub fn new(space: &'a Space, metrics: &'a [Metric], trials: &'a [Trial]) -> Self {
        Self { space, metrics, trials }
    }
}

/// Chooses the values of the next trial.
///
/// A sampler keeps nothing between two calls: whoever holds the journal's lock may ask, on any machine, and gets what
/// anybody else would get. Values lie within their domains, and no choice is one that is disabled. Values that somebody
/// has asked for (see [`Trial::fixed`]) are the journal's matter, not the sampler's.
pub trait Sampler: std::fmt::Debug + Send + Sync {
    /// The values of the next trial: one for each active parameter. `None` if all there is was tried, as of a grid.
    fn ask(&self, asked: &Asked<'_>, draws: &mut Rng) -> Option<Params>;
}
