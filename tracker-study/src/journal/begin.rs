//! How the next trial of a study begins.

use fastrand::Rng;
use serde_json::{Map, Value};
use tracker_core::RunId;

use super::{journal::Journal, record::Record, state::StudyState};
use crate::{Asked, Params, Result, Sampler, TrialState};

/// What came of asking for a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Begun {
    /// The trial of this number trains now.
    Trial(usize),
    /// As many trials have begun as the study may have.
    CapReached,
    /// The sampler has nothing more to try, as of a grid.
    Exhausted,
    /// Somebody asked the study to stop.
    Stopped,
}

impl Journal {
    /// Begins a trial, under the journal's lock: one that waits if there is any, else one whose values the sampler chooses.
    /// However many processes ask, no more trials begin than the plan's `run_cap` says.
    ///
    /// `run` is the run that is going to train it, whose id is made before.
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub fn begin_trial(&mut self, sampler: &dyn Sampler, run: Option<&RunId>) -> Result<Begun> {
        self.change(|study| Ok(next(study, sampler, run)))
    }
}

fn next(study: &StudyState, sampler: &dyn Sampler, run: Option<&RunId>) -> (Vec<Record>, Begun) {
    if study.asked_to_stop {
        return (Vec::new(), Begun::Stopped);
    }
    if study.plan.run_cap.is_some_and(|cap| study.begun() >= cap) {
        return (Vec::new(), Begun::CapReached);
    }
    let run = run.cloned();
    let waiting = study.trials.iter().find(|trial| trial.state == TrialState::Waiting);
    if let Some(trial) = waiting {
        let number = trial.number;
        let params = if trial.params.is_empty() {
            chosen(study, sampler, &trial.fixed).unwrap_or_default()
        } else {
            // It has begun before, and keeps its values.
            Params::new()
        };
        return (vec![Record::Claim { number, params, run }], Begun::Trial(number));
    }
    match chosen(study, sampler, &Map::new()) {
        Some(params) => (vec![Record::Begin { params, run }], Begun::Trial(study.trials.len())),
        None => (Vec::new(), Begun::Exhausted),
    }
}

/// Values for all active parameters: those that are fixed, else the sampler's, else, where a fixed choice makes a
/// parameter active that the sampler did not think of, any.
fn chosen(study: &StudyState, sampler: &dyn Sampler, fixed: &Map<String, Value>) -> Option<Params> {
    let space = &study.plan.space;
    let mut draws = draws_of(study);
    let asked = Asked::new(space, &study.plan.metrics, &study.trials);
    let sampled = sampler.ask(&asked, &mut draws);
    if sampled.is_none() && fixed.is_empty() {
        return None;
    }
    let sampled = sampled.unwrap_or_default();
    Some(space.fill(|parameter| {
        let domain = &parameter.domain;
        let fixed = fixed.get(&parameter.name).and_then(|value| domain.internal(value));
        let sampled = sampled.get(&parameter.name).copied().filter(|value| domain.holds(*value));
        fixed.or(sampled).unwrap_or_else(|| domain.of_unit(draws.f64()))
    }))
}

/// The same draws for the same trial of the same plan, whoever asks.
fn draws_of(study: &StudyState) -> Rng {
    let trial = study.trials.len() as u64 + 1;
    Rng::with_seed(study.plan.seed.wrapping_add(trial.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}
