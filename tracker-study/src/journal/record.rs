//! What is appended to a journal.

use serde_json::{Map, Value, json};
use tracker_core::{RunId, Timestamp};

use super::{
    distribution,
    json::{self, Style, bare},
    names::{RUN, rung_key, state_code, time_text},
    state::StudyState,
};
use crate::{Domain, Error, Params, Result, TrialState};

/// The longest line of a journal, in bytes: 1 MiB.
pub(super) const LONGEST_LINE: usize = 1 << 20;

/// One thing that is written into a journal. Trials are named by their numbers; one that begins or waits in the same
/// change has the next number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Record {
    /// A trial begins to train.
    Begin {
        /// Its values.
        params: Params,
        /// The run that trains it.
        run: Option<RunId>,
    },
    /// A trial waits for somebody who trains it.
    Queue {
        /// The values that it is to have; the sampler chooses the others.
        fixed: Map<String, Value>,
    },
    /// A trial that waited begins to train.
    Claim {
        /// The trial's number.
        number: usize,
        /// The values that were chosen for it now, beside those it had.
        params: Params,
        /// The run that trains it.
        run: Option<RunId>,
    },
    /// A trial that trains waits again, since somebody stopped it and not its judge.
    Requeue {
        /// The trial's number.
        number: usize,
    },
    /// What the first metric is on the way.
    Value {
        /// The trial's number.
        number: usize,
        /// The how many-th value of its run it is, from 1.
        n: u64,
        /// The value; it may be NaN or infinite.
        value: f64,
    },
    /// A trial has come to a rung of its judge.
    Rung {
        /// The trial's number.
        number: usize,
        /// The rung, from 0.
        rung: u32,
        /// The value at it.
        value: f64,
    },
    /// Something else about a trial. `tracker:` keys are ours.
    Attribute {
        /// The trial's number.
        number: usize,
        /// What it is called.
        key: String,
        /// What it is.
        value: Value,
    },
    /// A trial has ended. Nothing can be written about it afterwards.
    End {
        /// The trial's number.
        number: usize,
        /// How: complete, pruned or failed.
        state: TrialState,
        /// A value for each metric; none without a result.
        values: Vec<f64>,
    },
    /// Something about the whole study.
    Study {
        /// What it is called.
        key: String,
        /// What it is.
        value: Value,
    },
}

/// Turns records into the lines of a journal.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    pub(super) worker: &'a str,
    pub(super) study: u64,
    pub(super) state: &'a StudyState,
    /// The trials' numbers within the file, by their numbers within the study.
    pub(super) trial_ids: &'a [u64],
    /// The number within the file that the next trial gets.
    pub(super) next_trial: u64,
    pub(super) now: Timestamp,
}

impl Lines<'_> {
    /// The lines of these records.
    pub(super) fn of(&self, records: &[Record]) -> Result<String> {
        let mut out = String::new();
        for record in records {
            for (code, fields) in self.operations(record)? {
                write_line(&mut out, self.worker, code, &fields)?;
            }
        }
        Ok(out)
    }

    fn operations(&self, record: &Record) -> Result<Vec<(u8, Value)>> {
        Ok(match record {
            Record::Begin { params, run } => vec![(4, self.begun(params, run.as_ref()))],
            Record::Queue { fixed } => vec![(4, self.queued(fixed))],
            Record::Claim { number, params, run } => self.claimed(*number, params, run.as_ref())?,
            Record::Requeue { number } => {
                let state = state_code(TrialState::Waiting);
                let id = self.id(*number)?;
                vec![(6, json!({ "trial_id": id, "state": state, "values": null }))]
            }
            Record::Value { number, n, value } => {
                let id = self.id(*number)?;
                vec![(7, json!({ "trial_id": id, "step": n, "intermediate_value": bare(*value) }))]
            }
            Record::Rung { number, rung, value } => {
                let attribute = json!({ rung_key(*rung): bare(*value) });
                vec![(9, json!({ "trial_id": self.id(*number)?, "system_attr": attribute }))]
            }
            Record::Attribute { number, key, value } => {
                vec![(8, json!({ "trial_id": self.id(*number)?, "user_attr": { key: value } }))]
            }
            Record::End { number, state, values } => {
                vec![(6, self.ended(*number, *state, values)?)]
            }
            Record::Study { key, value } => {
                vec![(2, json!({ "study_id": self.study, "user_attr": { key: value } }))]
            }
        })
    }

    fn begun(&self, params: &Params, run: Option<&RunId>) -> Value {
        let known =
            || params.iter().filter_map(|(name, value)| Some((name, self.domain(name)?, value)));
        let distributions: Map<String, Value> = known()
            .map(|(name, domain, _)| (name.clone(), distribution::to_text(domain).into()))
            .collect();
        let internal: Map<String, Value> =
            known().map(|(name, domain, value)| (name.clone(), internal(domain, *value))).collect();
        let attributes: Map<String, Value> =
            run.iter().map(|run| (RUN.to_owned(), Value::from(run.as_str()))).collect();
        json!({
            "study_id": self.study,
            "datetime_start": time_text(self.now),
            "state": state_code(TrialState::Running),
            "value": null,
            "values": null,
            "distributions": distributions,
            "params": internal,
            "user_attrs": attributes,
            "system_attrs": {},
            "intermediate_values": {},
        })
    }

    fn queued(&self, fixed: &Map<String, Value>) -> Value {
        json!({
            "study_id": self.study,
            "datetime_start": null,
            "state": state_code(TrialState::Waiting),
            "value": null,
            "values": null,
            "distributions": {},
            "params": {},
            "user_attrs": {},
            "system_attrs": { "fixed_params": fixed },
            "intermediate_values": {},
        })
    }

    fn claimed(
        &self,
        number: usize,
        params: &Params,
        run: Option<&RunId>,
    ) -> Result<Vec<(u8, Value)>> {
        let id = self.id(number)?;
        let mut all = vec![(
            6,
            json!({
                "trial_id": id,
                "state": state_code(TrialState::Running),
                "values": null,
                "datetime_start": time_text(self.now),
            }),
        )];
        for (name, value) in params {
            let Some(domain) = self.domain(name) else { continue };
            let param = json!({
                "trial_id": id,
                "param_name": name,
                "param_value_internal": internal(domain, *value),
                "distribution": distribution::to_text(domain),
            });
            all.push((5, param));
        }
        if let Some(run) = run {
            all.push((8, json!({ "trial_id": id, "user_attr": { RUN: run.as_str() } })));
        }
        Ok(all)
    }

    fn ended(&self, number: usize, state: TrialState, values: &[f64]) -> Result<Value> {
        let values = match values {
            [] => Value::Null,
            values => values.iter().map(|value| bare(*value)).collect(),
        };
        Ok(json!({
            "trial_id": self.id(number)?,
            "state": state_code(state),
            "values": values,
            "datetime_complete": time_text(self.now),
        }))
    }

    fn domain(&self, name: &str) -> Option<&Domain> {
        Some(&self.state.plan.space.get(name)?.domain)
    }

    fn id(&self, number: usize) -> Result<u64> {
        let new =
            number.checked_sub(self.trial_ids.len()).map(|behind| self.next_trial + behind as u64);
        self.trial_ids.get(number).copied().or(new).ok_or_else(|| {
            Error::unusable(
                format!("there is no trial {number}"),
                "`tracker study show` lists them",
            )
        })
    }
}

/// A choice's place is a whole number, as Optuna writes it.
fn internal(domain: &Domain, value: f64) -> Value {
    match domain {
        Domain::Choice { .. } => Value::from(value as i64),
        _ => bare(value),
    }
}

/// Adds a line; the fields stand behind what each line has.
pub(super) fn write_line(out: &mut String, worker: &str, code: u8, fields: &Value) -> Result<()> {
    let before = out.len();
    let mut whole = Map::from_iter([
        ("op_code".to_owned(), Value::from(code)),
        ("worker_id".to_owned(), Value::from(worker)),
    ]);
    if let Value::Object(fields) = fields {
        whole.extend(fields.clone());
    }
    json::write(out, &Value::Object(whole), Style::Compact);
    out.push('\n');
    if out.len() - before <= LONGEST_LINE {
        return Ok(());
    }
    Err(Error::unusable(
        "what is to be written into the study's journal is longer than 1 MiB",
        "keep long texts in the run, where `tracker.log` puts them, and name them here",
    ))
}
