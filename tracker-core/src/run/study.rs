//! Of which study a run is a trial.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};

use serde_json::{Map, Value};

use crate::{Error, Result, error::excerpt, run::identity::variable, value::run_name};

/// The name of the study that started the process, and the number of the trial that it trains.
const STUDY: &str = "TRACKER_STUDY";
const TRIAL: &str = "TRACKER_TRIAL";

/// The topic of [`RunInfo::about`](crate::read::RunInfo::about) that says it.
const TOPIC: &str = "study";

/// Whether a run of this process is the trial that the environment speaks of. Others are runs of their own.
static IS_BEGUN: AtomicBool = AtomicBool::new(false);

/// A trial of a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrialOf {
    pub(crate) study: String,
    pub(crate) number: u64,
}

impl TrialOf {
    /// What the environment says of the first run of the process.
    ///
    /// # Errors
    /// If only one of the two variables is set, or the trial is no number.
    pub(crate) fn of_environment() -> Result<Option<Self>> {
        if IS_BEGUN.load(Ordering::Relaxed) {
            return Ok(None);
        }
        Self::of(variable(STUDY), variable(TRIAL))
    }

    fn of(study: Option<String>, trial: Option<String>) -> Result<Option<Self>> {
        let (study, trial) = match (study, trial) {
            (None, None) => return Ok(None),
            (Some(study), Some(trial)) => (study, trial),
            (Some(_), None) => return Err(alone(TRIAL, STUDY)),
            (None, Some(_)) => return Err(alone(STUDY, TRIAL)),
        };
        let number = trial.parse().map_err(|_| Error::InvalidName {
            what: TRIAL,
            name: excerpt(&trial),
            reason: "it is not the number of a trial".into(),
            hint: "give the number that the study counts from 0, or unset it".into(),
        })?;
        Ok(Some(Self { study, number }))
    }

    /// Remembers that a run has started that is the trial of which the environment speaks.
    pub(crate) fn begun() {
        IS_BEGUN.store(true, Ordering::Relaxed);
    }

    /// Refuses a name that no study can have.
    pub(crate) fn check(&self) -> Result<()> {
        run_name::check(&self.study).map_err(|error| match error {
            Error::InvalidName { name, reason, hint, .. } => {
                Error::InvalidName { what: "study", name, reason, hint }
            }
            other => other,
        })
    }

    /// Adds it to the facts of a run.
    pub(crate) fn tell(self, about: &mut BTreeMap<String, Map<String, Value>>) {
        let facts = [("name", Value::from(self.study)), ("trial", Value::from(self.number))];
        let facts = facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        about.insert(TOPIC.to_owned(), facts);
    }
}

fn alone(missing: &'static str, set: &str) -> Error {
    Error::InvalidName {
        what: missing,
        name: String::new(),
        reason: format!("it is not set, and {set} is"),
        hint: "set both, as `tracker sweep` does, or none of them".into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn of(study: Option<&str>, trial: Option<&str>) -> Result<Option<TrialOf>> {
        TrialOf::of(study.map(str::to_owned), trial.map(str::to_owned))
    }

    #[test]
    fn both_variables_name_a_trial_and_one_alone_is_an_error() {
        assert_eq!(of(None, None).unwrap(), None);
        let trial = TrialOf { study: "lr".into(), number: 7 };
        assert_eq!(of(Some("lr"), Some("7")).unwrap(), Some(trial));
        for (study, trial, named) in
            [(Some("lr"), None, TRIAL), (None, Some("7"), STUDY), (Some("lr"), Some("-1"), TRIAL)]
        {
            let text = of(study, trial).unwrap_err().to_string();
            assert!(text.contains(named) && text.contains("hint: "), "{text}");
        }
    }

    #[test]
    fn a_name_that_no_study_can_have_is_refused() {
        for name in ["", "two\nlines"] {
            let text = TrialOf { study: name.into(), number: 0 }.check().unwrap_err().to_string();
            assert!(text.contains("study"), "{text}");
        }
    }
}
