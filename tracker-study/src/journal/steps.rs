//! What is written about trials and about the study, one thing at a time.

use serde_json::{Map, Value};
use tracker_core::{RunId, Timestamp};

use super::{
    journal::Journal,
    names::{RUN, STOP, time_text},
    record::Record,
    state::StudyState,
};
use crate::{DIVERGED, Error, Result, Trial, TrialState};

impl Journal {
    /// Writes down what the first metric of a trial is on the way: the `n`-th value of its run, from 1.
    ///
    /// # Errors
    /// If the trial has ended, or as [`change`](Self::change).
    pub fn report(&mut self, number: usize, n: u64, value: f64) -> Result<()> {
        self.of_open(number, |_| Record::Value { number, n, value })
    }

    /// Writes down that a trial has come to a rung of its judge.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub fn rung(&mut self, number: usize, rung: u32, value: f64) -> Result<()> {
        self.of_open(number, |_| Record::Rung { number, rung, value })
    }

    /// Writes down something else about a trial.
    ///
    /// # Errors
    /// As [`report`](Self::report); if it is longer than 1 MiB.
    pub fn attribute(&mut self, number: usize, key: &str, value: &Value) -> Result<()> {
        let (key, value) = (key.to_owned(), value.clone());
        self.of_open(number, |_| Record::Attribute {
            number,
            key: key.clone(),
            value: value.clone(),
        })
    }

    /// Writes down which run trains a trial now: another one than before, since that failed.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub fn train_by(&mut self, number: usize, run: &RunId) -> Result<()> {
        self.attribute(number, RUN, &run.as_str().into())
    }

    /// Ends a trial: complete, with a value for each metric; pruned; or failed. A result that is NaN or infinite is none:
    /// the trial has failed then, and is marked as [diverged](DIVERGED), which samplers take as the worst.
    ///
    /// # Errors
    /// If the trial has ended or never began, if there are not as many values as metrics, or as [`change`](Self::change).
    pub fn finish(&mut self, number: usize, state: TrialState, values: &[f64]) -> Result<()> {
        self.change(|study| Ok((ended(study, number, state, values)?, ())))
    }

    /// Lets a trial wait again that trains, since somebody stopped it and not its judge.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub fn requeue(&mut self, number: usize) -> Result<()> {
        self.of_open(number, |_| Record::Requeue { number })
    }

    /// Lets a trial with these values wait for the next one who asks; the sampler chooses what is not said. The trial's
    /// number.
    ///
    /// # Errors
    /// If the study has no such parameter, or the parameter no such value; or as [`change`](Self::change).
    pub fn enqueue(&mut self, values: &Map<String, Value>) -> Result<usize> {
        self.change(|study| {
            check_values(study, values)?;
            Ok((vec![Record::Queue { fixed: values.clone() }], study.trials.len()))
        })
    }

    /// Asks the study to stop: no trial begins any more, wherever it runs. Those that train go on.
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub fn ask_to_stop(&mut self) -> Result<()> {
        let at = Value::from(time_text(Timestamp::now()));
        self.set_stop(&at)
    }

    /// Takes back that the study was [asked to stop](Self::ask_to_stop).
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub fn ask_to_go_on(&mut self) -> Result<()> {
        self.set_stop(&Value::Null)
    }

    /// Writes down something about the whole study.
    ///
    /// # Errors
    /// As [`change`](Self::change); if it is longer than 1 MiB.
    pub fn study_attribute(&mut self, key: &str, value: &Value) -> Result<()> {
        let (key, value) = (key.to_owned(), value.clone());
        self.change(|_| Ok((vec![Record::Study { key: key.clone(), value: value.clone() }], ())))
    }

    fn set_stop(&mut self, value: &Value) -> Result<()> {
        self.change(|study| {
            let is_set = study.asked_to_stop != value.is_null();
            let record = Record::Study { key: STOP.to_owned(), value: value.clone() };
            Ok((if is_set { Vec::new() } else { vec![record] }, ()))
        })
    }

    fn of_open(&mut self, number: usize, record: impl Fn(&Trial) -> Record) -> Result<()> {
        self.change(|study| Ok((vec![record(study.open_trial(number)?)], ())))
    }
}

/// What ends a trial.
fn ended(
    study: &StudyState,
    number: usize,
    state: TrialState,
    values: &[f64],
) -> Result<Vec<Record>> {
    let trial = study.open_trial(number)?;
    if !matches!(state, TrialState::Complete | TrialState::Pruned | TrialState::Failed) {
        let what = format!("trial {number} cannot end as {state:?}");
        return Err(Error::unusable(what, "a trial ends as complete, pruned or failed"));
    }
    let metrics = study.plan.metrics.len();
    if values.len() != metrics && (state == TrialState::Complete || !values.is_empty()) {
        return Err(Error::unusable(
            format!("trial {number} has {} results, and the study {metrics} metrics", values.len()),
            "give a value for each metric, in the plan's order",
        ));
    }
    if values.iter().any(|value| !value.is_finite()) {
        let key = DIVERGED.to_owned();
        return Ok(vec![
            Record::Attribute { number, key, value: true.into() },
            Record::End { number, state: TrialState::Failed, values: Vec::new() },
        ]);
    }
    let values = match (state, values) {
        (TrialState::Failed, _) => Vec::new(),
        // As Optuna's own: what it had come to when it was ended.
        (TrialState::Pruned, []) if metrics == 1 => {
            trial.intermediate.last_key_value().map(|(_, value)| *value).into_iter().collect()
        }
        (_, values) => values.to_vec(),
    };
    let values = if values.iter().all(|value| value.is_finite()) { values } else { Vec::new() };
    Ok(vec![Record::End { number, state, values }])
}

fn check_values(study: &StudyState, values: &Map<String, Value>) -> Result<()> {
    for (name, value) in values {
        let Some(parameter) = study.plan.space.get(name) else {
            let names = study.plan.space.parameters().iter().map(|known| known.name.as_str());
            return Err(Error::unusable(
                format!("study {} has no parameter `{}`", study.name, crate::plan::excerpt(name)),
                format!("it has {}", names.collect::<Vec<_>>().join(", ")),
            ));
        };
        if parameter.domain.internal(value).is_none() {
            return Err(Error::unusable(
                format!("`{name}` cannot be {}", crate::plan::excerpt(&value.to_string())),
                crate::plan::words(&parameter.domain),
            ));
        }
    }
    Ok(())
}
