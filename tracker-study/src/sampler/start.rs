//! How a study begins, before there is anything to learn from.

use super::{contract::Asked, history::History, quasi::Quasi};
use crate::Params;

/// How many trials are spread over the space at first.
const SPREAD: usize = 10;

/// How many results there must be to learn from, where trials take long or fail.
const RESULTS: usize = 5;

/// The values of the next trial of a study that has only begun; `None` if there is enough to learn from.
pub(super) fn spread(seed: u64, asked: &Asked<'_>, history: &History<'_>) -> Option<Params> {
    let begins = asked.trials.len() < SPREAD || history.results.len() < RESULTS;
    begins.then(|| Quasi::new(seed).at(asked.space, asked.trials.len()))
}
