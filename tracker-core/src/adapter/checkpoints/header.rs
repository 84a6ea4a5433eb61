//! What a checkpoint's file says of itself, in the strings that its format leaves for
//! that. Any program that reads such files can read them.

use std::collections::{BTreeMap, HashMap};

use crate::{
    RunContext, Timestamp,
    adapter::checkpoints::training_state::TrainingState,
    adapter::recorder::{LoopState, Phase},
    text::number_to_json,
};
use serde_json::{Map, Value};

/// What a checkpoint's file says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The run's id; `None` for a tracker that stores no run.
    pub run: Option<String>,
    run_name: Option<String>,
    /// Where the training stands.
    pub state: TrainingState,
    /// When they were begun to be written. Both files of a checkpoint have the same time, and no two
    /// checkpoints of a run do.
    pub saved_at: Timestamp,
    /// Whether what the optimizers remember is in a file beside the model's.
    pub has_optimizer: bool,
}

impl Header {
    /// That of a training in this state, saved now.
    pub fn new(run: Option<&dyn RunContext>, state: TrainingState, has_optimizer: bool) -> Self {
        Self {
            run: run.map(|run| run.id().to_string()),
            run_name: run.map(|run| run.name().to_owned()),
            state,
            saved_at: Timestamp::now(),
            has_optimizer,
        }
    }

    /// The strings that stand in the file.
    pub fn to_strings(&self) -> HashMap<String, String> {
        let state = &self.state;
        let rates = state.learning_rates.iter().map(|(name, rate)| (name, number_to_json(*rate)));
        let steps = state.optimizer_steps.iter().map(|(name, steps)| (name, Value::from(*steps)));
        let metrics = state.metrics.iter().map(|(name, value)| (name, number_to_json(*value)));
        let strings = [
            ("tracker_version", Some(env!("CARGO_PKG_VERSION").to_owned())),
            ("run_id", self.run.clone()),
            ("run_name", self.run_name.clone()),
            ("step", Some(state.step.to_string())),
            ("epoch", state.epoch.map(|epoch| epoch.to_string())),
            ("last_epoch", state.last_epoch.map(|epoch| epoch.to_string())),
            ("phase", Some(state.phase.number.to_string())),
            ("phase_step", Some(state.phase.first_step.to_string())),
            ("within", serde_json::to_string(&state.within).ok()),
            ("metrics", Some(object(metrics))),
            ("learning_rates", Some(object(rates))),
            ("optimizer_steps", Some(object(steps))),
            ("saved_at", Some(self.saved_at.to_string())),
            ("has_optimizer", Some(self.has_optimizer.to_string())),
        ];
        let known = strings.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?)));
        known.collect()
    }

    /// What the strings of a file say.
    ///
    /// # Errors
    /// If it is no header of a checkpoint; with the key that does not say what it should.
    pub fn from_strings(strings: &HashMap<String, String>) -> Result<Self, NoHeader> {
        let text = |key: &'static str| strings.get(key).ok_or(NoHeader(key));
        let state = TrainingState {
            epoch: optional(strings, "epoch")?,
            last_epoch: optional(strings, "last_epoch")?,
            // Older checkpoints say none.
            phase: Phase {
                number: optional(strings, "phase")?.unwrap_or(0),
                first_step: optional(strings, "phase_step")?.unwrap_or(0),
            },
            within: match strings.get("within") {
                Some(text) => {
                    serde_json::from_slice(text.as_bytes()).map_err(|_| NoHeader("within"))?
                }
                None => LoopState::default(),
            },
            step: text("step")?.parse().map_err(|_| NoHeader("step"))?,
            metrics: read(text("metrics")?, number).ok_or(NoHeader("metrics"))?,
            learning_rates: read(text("learning_rates")?, number)
                .ok_or(NoHeader("learning_rates"))?,
            optimizer_steps: read(text("optimizer_steps")?, Value::as_u64)
                .ok_or(NoHeader("optimizer_steps"))?,
        };
        Ok(Self {
            run: strings.get("run_id").cloned(),
            run_name: strings.get("run_name").cloned(),
            state,
            saved_at: text("saved_at")?.parse().map_err(|_| NoHeader("saved_at"))?,
            has_optimizer: text("has_optimizer")?.parse().map_err(|_| NoHeader("has_optimizer"))?,
        })
    }
}

/// The file is none of a checkpoint: this key is missing, or says something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its header has no `{0}` that can be read")]
pub struct NoHeader(&'static str);

fn optional(strings: &HashMap<String, String>, key: &'static str) -> Result<Option<u64>, NoHeader> {
    strings.get(key).map(|text| text.parse().map_err(|_| NoHeader(key))).transpose()
}

fn object<'a>(values: impl Iterator<Item = (&'a String, Value)>) -> String {
    let values: Map<String, Value> = values.map(|(name, value)| (name.clone(), value)).collect();
    Value::Object(values).to_string()
}

fn read<T, C: FromIterator<(String, T)>>(text: &str, value: fn(&Value) -> Option<T>) -> Option<C> {
    let values: BTreeMap<String, Value> = serde_json::from_slice(text.as_bytes()).ok()?;
    values.into_iter().map(|(name, json)| Some((name, value(&json)?))).collect()
}

/// The number that `number_to_json` wrote.
fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        None => value.as_f64(),
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let state = TrainingState {
            epoch: Some(3),
            last_epoch: Some(3),
            phase: Phase { number: 1, first_step: 938 },
            within: LoopState::default(),
            step: 1_406,
            metrics: [("valid/loss", 0.1 + 0.2), ("odd \"name\"", f64::INFINITY)]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            learning_rates: vec![(String::new(), 1e-3), ("critic".to_owned(), 3e-300)],
            optimizer_steps: vec![(String::new(), 1_407), ("critic".to_owned(), u64::MAX)],
        };
        Header::new(None, state, true)
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let header = header();
        assert_eq!(Header::from_strings(&header.to_strings()), Ok(header));
    }

    #[test]
    fn a_loss_that_is_no_number_stays_none() {
        let mut header = header();
        header.state.metrics.insert("valid/loss".to_owned(), f64::NAN);
        let read = Header::from_strings(&header.to_strings()).unwrap();
        assert!(read.state.metrics["valid/loss"].is_nan());
    }

    #[test]
    fn a_header_without_what_it_needs_is_none() {
        let whole = header().to_strings();
        for key in ["step", "metrics", "saved_at", "has_optimizer"] {
            let mut strings = whole.clone();
            strings.remove(key);
            assert_eq!(Header::from_strings(&strings), Err(NoHeader(key)));
            strings.insert(key.to_owned(), "?".to_owned());
            assert_eq!(Header::from_strings(&strings), Err(NoHeader(key)));
        }
    }
}
