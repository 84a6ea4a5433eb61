//! How a study begins, before there is anything to learn from.

use super::{contract::Asked, history::History, quasi::Quasi};
use crate::Params;

/// How many results there must be to learn from. Until then trials are spread, also those that begin while others train.
const RESULTS: usize = 10;

/// The values of the next trial of a study that has only begun; `None` if there is enough to learn from.
pub(super) fn spread(seed: u64, asked: &Asked<'_>, history: &History<'_>) -> Option<Params> {
    let begins = history.results.len() < RESULTS;
    begins.then(|| Quasi::new(seed).at(asked.space, asked.trials.len()))
}
