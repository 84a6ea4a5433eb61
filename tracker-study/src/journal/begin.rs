//! How the next trial of a study begins.

use fastrand::Rng;
use tracker_core::RunId;

use super::{journal::Journal, record::Record, state::StudyState};
use crate::{Asked, Parameter, Params, Result, Sampler, Trial, TrialState};

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
        let mut params = completed(study, sampler, &given(study, trial));
        params.retain(|name, _| !trial.params.contains_key(name));
        let number = trial.number;
        return (vec![Record::Claim { number, params, run }], Begun::Trial(number));
    }
    match sampled(study, sampler) {
        Some(sampled) => {
            let params = filled(study, &Params::new(), &sampled);
            (vec![Record::Begin { params, run }], Begun::Trial(study.trials.len()))
        }
        None => (Vec::new(), Begun::Exhausted),
    }
}

/// What is said already of a trial that waits: the values that it had when it trained before, and those that somebody
/// asked for.
fn given(study: &StudyState, trial: &Trial) -> Params {
    let mut given = trial.params.clone();
    for parameter in study.plan.space.parameters() {
        let fixed = trial.fixed.get(&parameter.name);
        if let Some(value) = fixed.and_then(|value| parameter.domain.internal(value)) {
            given.entry(parameter.name.clone()).or_insert(value);
        }
    }
    given
}

/// The given values with those that are missing beside them.
fn completed(study: &StudyState, sampler: &dyn Sampler, given: &Params) -> Params {
    let space = &study.plan.space;
    let is_missing = |parameter: &Parameter| {
        space.is_active(parameter, given) && !given.contains_key(&parameter.name)
    };
    if space.parameters().iter().any(is_missing) {
        return filled(study, given, &sampled(study, sampler).unwrap_or_default());
    }
    given.clone()
}

fn sampled(study: &StudyState, sampler: &dyn Sampler) -> Option<Params> {
    let asked = Asked::new(&study.plan.space, &study.plan.metrics, &study.trials);
    sampler.ask(&asked, &mut draws_of(study))
}

/// Values for all active parameters: those that are given, else the sampler's, else, where a given choice makes a
/// parameter active that the sampler did not think of, any.
fn filled(study: &StudyState, given: &Params, sampled: &Params) -> Params {
    let mut draws = draws_of(study);
    study.plan.space.fill(|parameter| {
        let domain = &parameter.domain;
        let sampled = sampled.get(&parameter.name).filter(|value| domain.holds(**value));
        let value = given.get(&parameter.name).or(sampled);
        value.copied().unwrap_or_else(|| domain.of_unit(draws.f64()))
    })
}

/// The same draws for the same trial of the same plan, whoever asks.
fn draws_of(study: &StudyState) -> Rng {
    let trial = study.trials.len() as u64 + 1;
    Rng::with_seed(study.plan.seed.wrapping_add(trial.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}
