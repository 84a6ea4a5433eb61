//! Domains as Optuna writes them: distributions, as texts of JSON within the journal's JSON.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::json::{self, Style};
use crate::Domain;

/// A domain as the text of a distribution. Choices that are disabled are among it: Optuna's never change.
pub(super) fn to_text(domain: &Domain) -> String {
    let (name, attributes) = match domain {
        Domain::Float { low, high, log, step } => {
            ("FloatDistribution", json!({ "step": step, "low": low, "high": high, "log": log }))
        }
        Domain::Int { low, high, log, step } => {
            ("IntDistribution", json!({ "log": log, "step": step, "low": low, "high": high }))
        }
        Domain::Choice { choices, .. } => {
            ("CategoricalDistribution", json!({ "choices": choices }))
        }
    };
    let mut text = String::new();
    json::write(&mut text, &json!({ "name": name, "attributes": attributes }), Style::Spaced);
    text
}

/// The domain that a distribution's text says; `None` if it is none that can be sampled. Names of former versions are
/// known too.
pub(super) fn of_text(text: &str) -> Option<Domain> {
    let read = json::read(text.as_bytes()).ok()?;
    let name = read.get("name")?.as_str()?;
    let attributes = read.get("attributes")?.as_object()?;
    match name {
        "CategoricalDistribution" => {
            let choices = attributes.get("choices")?.as_array()?.clone();
            (!choices.is_empty()).then_some(Domain::Choice { choices, disabled: BTreeSet::new() })
        }
        "FloatDistribution" | "UniformDistribution" | "DiscreteUniformDistribution" => {
            float_domain(attributes, is_log(attributes))
        }
        "LogUniformDistribution" => float_domain(attributes, true),
        "IntDistribution" | "IntUniformDistribution" => int_domain(attributes, is_log(attributes)),
        "IntLogUniformDistribution" => int_domain(attributes, true),
        _ => None,
    }
}

fn is_log(attributes: &Map<String, Value>) -> bool {
    attributes.get("log").and_then(Value::as_bool).unwrap_or(false)
}

fn float_domain(attributes: &Map<String, Value>, log: bool) -> Option<Domain> {
    let number = |name: &str| attributes.get(name).and_then(json::float);
    let (low, high) = (number("low")?, number("high")?);
    let step = number("step").or_else(|| number("q"));
    let is_range = low.is_finite() && high.is_finite() && low <= high && (!log || low > 0.0);
    let is_stepped = step.is_none_or(|step| step > 0.0 && step.is_finite() && !log);
    (is_range && is_stepped).then_some(Domain::Float { low, high, log, step })
}

fn int_domain(attributes: &Map<String, Value>, log: bool) -> Option<Domain> {
    let number = |name: &str| attributes.get(name).and_then(Value::as_i64);
    let (low, high, step) = (number("low")?, number("high")?, number("step").unwrap_or(1));
    let is_range = low <= high && step >= 1 && (!log || (low >= 1 && step == 1));
    is_range.then_some(Domain::Int { low, high, log, step })
}

/// Whether Optuna lets a parameter have both distributions in one study: of one kind and scale, with the same choices.
pub(super) fn are_compatible(one: &Domain, other: &Domain) -> bool {
    match (one, other) {
        (Domain::Float { log: a, .. }, Domain::Float { log: b, .. })
        | (Domain::Int { log: a, .. }, Domain::Int { log: b, .. }) => a == b,
        (Domain::Choice { choices: a, .. }, Domain::Choice { choices: b, .. }) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_written_as_optuna_does_and_read_back() {
        let known = [
            (
                Domain::Float { low: 1e-5, high: 0.1, log: true, step: None },
                r#"{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}"#,
            ),
            (
                Domain::Int { low: 32, high: 512, log: true, step: 1 },
                r#"{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 32, "high": 512}}"#,
            ),
            (
                Domain::Choice {
                    choices: vec!["relu".into(), 2.into(), Value::Null, "ü".into()],
                    disabled: BTreeSet::new(),
                },
                r#"{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", 2, null, "\u00fc"]}}"#,
            ),
        ];
        for (domain, text) in known {
            assert_eq!(to_text(&domain), text);
            assert_eq!(of_text(text), Some(domain));
        }
    }

    #[test]
    fn a_distribution_that_cannot_be_sampled_is_none() {
        for text in [
            "",
            "[]",
            r#"{"name": "FloatDistribution", "attributes": {"low": 1, "high": 0}}"#,
            r#"{"name": "FloatDistribution", "attributes": {"low": 0, "high": 1, "log": true}}"#,
            r#"{"name": "FloatDistribution", "attributes": {"low": 0, "high": Infinity}}"#,
            r#"{"name": "FloatDistribution", "attributes": {"low": 0, "high": 1, "step": 0}}"#,
            r#"{"name": "IntDistribution", "attributes": {"low": 0, "high": 1, "step": -1}}"#,
            r#"{"name": "CategoricalDistribution", "attributes": {"choices": []}}"#,
            r#"{"name": "NewDistribution", "attributes": {}}"#,
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }
}
