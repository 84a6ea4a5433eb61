//! What is written about values that a trial has logged.

use tracker_core::RunId;

use super::PRUNED;
use crate::{Judge, Record, StudyState, Trial, TrialState, Verdict};

/// Whether a trial trains, and this is its run.
pub fn is_trained_by(trial: &Trial, run: &RunId) -> bool {
    trial.state == TrialState::Running && trial.run.as_ref() == Some(run)
}

/// What is to be written about values of the first metric that a trial has logged, each with its place from 1: the values,
/// what the judge says of each in turn, and, once it says so, that the trial is [pruned](PRUNED).
///
/// Nothing, if the trial does not train or another run trains it by now. What stands in the journal already was written
/// by others who watch the trial, too, and was judged by them.
pub fn reported(
    study: &StudyState,
    number: usize,
    run: &RunId,
    values: &[(u64, f64)],
    judge: Option<&dyn Judge>,
) -> Vec<Record> {
    let known = study.trials.get(number).filter(|trial| is_trained_by(trial, run));
    let (Some(trial), Some(metric)) = (known, study.plan.metrics.first()) else {
        return Vec::new();
    };
    let mut trial = trial.clone();
    let mut records = Vec::new();
    for (n, value) in values {
        let before = trial.intermediate.insert(*n, *value);
        if before.is_some_and(|before| before.to_bits() == value.to_bits()) {
            continue;
        }
        records.push(Record::Value { number, n: *n, value: *value });
        if trial.attributes.contains_key(PRUNED) {
            continue;
        }
        let Some(judge) = judge else { continue };
        let (rung, why) = match judge.judge(&trial, &study.trials, metric.goal) {
            Verdict::GoOn { rung } => (rung, None),
            Verdict::Prune { rung, why } => (rung, Some(why)),
        };
        if let Some((rung, value)) = rung {
            trial.rungs.insert(rung, value);
            records.push(Record::Rung { number, rung, value });
        }
        if let Some(why) = why {
            trial.attributes.insert(PRUNED.into(), why.clone().into());
            records.push(Record::Attribute { number, key: PRUNED.into(), value: why.into() });
        }
    }
    records
}
