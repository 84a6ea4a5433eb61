//! What a journal says of its study.

use serde_json::{Map, Value};

use crate::{Error, Plan, Result, Trial, TrialState};

/// What a journal says of its study.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StudyState {
    /// The study's name.
    pub name: String,
    /// What it is to do. Of a study that Optuna made: what its trials show.
    pub plan: Plan,
    /// How often the plan was written, from 1; 0 for a study that Optuna made.
    pub revision: u64,
    /// All trials, in their order.
    pub trials: Vec<Trial>,
    /// Whether somebody asked it to stop, and nobody to go on since.
    pub asked_to_stop: bool,
    /// What else was written down about the study.
    pub attributes: Map<String, Value>,
    /// What of the journal could not be read, for people; the first few of each kind.
    pub warnings: Vec<String>,
    /// Why nothing may be appended.
    pub(super) closed: Option<String>,
}

impl StudyState {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            name: plan.name.clone(),
            plan,
            revision: 0,
            trials: Vec::new(),
            asked_to_stop: false,
            attributes: Map::new(),
            warnings: Vec::new(),
            closed: None,
        }
    }

    /// How many trials have begun, however they ended: what `run_cap` counts.
    pub fn begun(&self) -> u64 {
        self.trials.iter().filter(|trial| trial.state != TrialState::Waiting).count() as u64
    }

    /// The trial of this number.
    ///
    /// # Errors
    /// If there is none.
    pub fn trial(&self, number: usize) -> Result<&Trial> {
        self.trials.get(number).ok_or_else(|| {
            Error::unusable(
                format!("study {} has no trial {number}", self.name),
                format!("its trials are 0 to {}", self.trials.len().saturating_sub(1)),
            )
        })
    }

    /// The trial of this number, which must not have ended: nothing can be written about others.
    ///
    /// # Errors
    /// If there is none, or it has ended.
    pub fn open_trial(&self, number: usize) -> Result<&Trial> {
        let trial = self.trial(number)?;
        if trial.has_ended() {
            let what = format!("trial {number} of study {} has ended", self.name);
            return Err(Error::unusable(
                what,
                "what has ended stays as it is: begin another trial",
            ));
        }
        Ok(trial)
    }
}
