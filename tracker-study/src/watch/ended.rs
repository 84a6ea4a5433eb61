//! How the training of a trial has ended, and what is written about it.

use serde_json::Value;

use super::{PRUNED, WHY};
use crate::{DIVERGED, Record, Trial, TrialState};

/// How the training of a trial has ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Ended {
    /// With these results, one for each metric.
    Complete(Vec<f64>),
    /// Its judge has ended it.
    Pruned,
    /// A result is no finite number: which, in words.
    Diverged(String),
    /// It came to its end without a result: what is missing, and what is there. Again, it would have none either.
    NoResult(String),
    /// It failed, crashed, or its machine is silent: what it said last. It may be tried again by a new run.
    Died(String),
}

impl Ended {
    /// What is written about a trial that has ended so.
    pub fn records(&self, trial: &Trial) -> Vec<Record> {
        let number = trial.number;
        let attribute =
            |key: &str, value: Value| Record::Attribute { number, key: key.into(), value };
        let why = |why: &str| attribute(WHY, why.into());
        let (state, values, mut records) = match self {
            Self::Complete(values) => (TrialState::Complete, values.clone(), Vec::new()),
            Self::Pruned => {
                let said = trial.attributes.get(PRUNED).cloned();
                let said = said.into_iter().map(|said| attribute(WHY, said));
                (TrialState::Pruned, last(trial), said.chain(diverged(trial)).collect())
            }
            Self::Diverged(text) => {
                let records = vec![attribute(DIVERGED, true.into()), why(text)];
                (TrialState::Failed, Vec::new(), records)
            }
            Self::NoResult(text) | Self::Died(text) => {
                (TrialState::Failed, Vec::new(), vec![why(text)])
            }
        };
        records.push(Record::End { number, state, values });
        records
    }
}

/// What a pruned trial had come to, as Optuna writes it; nothing where that is no finite number.
fn last(trial: &Trial) -> Vec<f64> {
    let last = trial.intermediate.last_key_value().map(|(_, value)| *value);
    last.filter(|value| value.is_finite()).into_iter().collect()
}

/// A trial that was pruned because its metric became NaN or infinite has diverged, too.
fn diverged(trial: &Trial) -> Option<Record> {
    let last = trial.intermediate.last_key_value()?.1;
    let (number, key) = (trial.number, DIVERGED.to_owned());
    (!last.is_finite()).then(|| Record::Attribute { number, key, value: true.into() })
}
