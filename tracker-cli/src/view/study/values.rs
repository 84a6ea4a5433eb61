//! What a trial was given and what it came to, in words.

use serde_json::{Map, Value};
use tracker_core::{
    Definition, Timestamp,
    text::{shown_duration, shown_value},
};
use tracker_study::{Goal, Metric, Trial, TrialState, Which};

use crate::terminal::{
    table::MISSING,
    text::{clean, shorten},
};

/// The longest value that is shown beside others.
const LONGEST: usize = 24;

/// A trial's values as one would type them for `tracker study enqueue`, floats in short: `lr=0.00312 act=relu`.
pub(crate) fn shown_values(values: &Map<String, Value>) -> String {
    let shown = values.iter().map(|(name, value)| format!("{}={}", clean(name), shown(value)));
    shown.collect::<Vec<_>>().join(" ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => shorten(&clean(text), LONGEST),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => shown_value(float, &Definition::new()),
            None => number.to_string(),
        },
        other => shorten(&clean(&other.to_string()), LONGEST),
    }
}

/// What a trial came to in a metric: its result, else what the first metric was last.
pub(crate) fn result(trial: &Trial, place: usize) -> Option<f64> {
    let last = || trial.intermediate.last_key_value().map(|(_, value)| *value);
    trial.values.get(place).copied().or_else(|| last().filter(|_| place == 0))
}

/// The results of all metrics with their names: `valid/accuracy 0.9512`.
pub(crate) fn results(trial: &Trial, metrics: &[Metric]) -> String {
    let shown = metrics.iter().enumerate().map(|(place, metric)| {
        let value = result(trial, place).map(|value| shown_value(value, &Definition::new()));
        format!("{} {}", clean(&metric.name), value.as_deref().unwrap_or(MISSING))
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// How long a trial has taken, or has so far.
pub(crate) fn elapsed(trial: &Trial, now: Timestamp) -> Option<String> {
    let started = trial.started?.as_micros();
    let ended = match trial.state {
        TrialState::Waiting => return None,
        TrialState::Running => now,
        _ => trial.ended?,
    };
    let micros = u64::try_from(ended.as_micros().saturating_sub(started)).unwrap_or(0);
    Some(shown_duration(std::time::Duration::from_micros(micros)))
}

/// A state in a word.
pub(crate) fn state_word(state: TrialState) -> &'static str {
    match state {
        TrialState::Waiting => "waiting",
        TrialState::Running => "running",
        TrialState::Complete => "complete",
        TrialState::Pruned => "pruned",
        TrialState::Failed => "failed",
        _ => "other",
    }
}

/// What is done with a metric, as a plan says it.
pub(crate) fn goal_word(goal: Goal) -> &'static str {
    match goal {
        Goal::Minimize => "minimize",
        Goal::Maximize => "maximize",
    }
}

/// Which of a metric's values is the result, as a plan says it.
pub(crate) fn which_word(which: Which) -> &'static str {
    match which {
        Which::Best => "best",
        Which::Last => "last",
    }
}
