//! Reads the values that a parameter may have.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    fields::{Fields, kind},
    problems::Problems,
    words::excerpt,
};
use crate::Domain;

const KEYS: [&str; 9] =
    ["min", "max", "values", "value", "distribution", "log", "q", "disabled", "when"];

const MOST_CHOICES: usize = 256;
/// The longest text that can be chosen, in bytes.
const LONGEST_CHOICE: usize = 1_024;
/// Whole numbers beyond are not all floats of their own.
const MOST_EXACT: i64 = 1 << 53;

/// W&B's names of distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distribution {
    Constant,
    Categorical,
    Uniform,
    IntUniform,
    QUniform,
    LogUniform,
    LogOfExponents,
}

const DISTRIBUTIONS: [(&str, Distribution); 7] = [
    ("constant", Distribution::Constant),
    ("categorical", Distribution::Categorical),
    ("uniform", Distribution::Uniform),
    ("int_uniform", Distribution::IntUniform),
    ("q_uniform", Distribution::QUniform),
    ("log_uniform_values", Distribution::LogUniform),
    ("log_uniform", Distribution::LogOfExponents),
];

/// The values that a parameter may have; `None` if that cannot be told, which is noted.
pub(super) fn domain_of(name: &str, value: &Value, problems: &mut Problems) -> Option<Domain> {
    let place = format!("parameter `{}`", excerpt(name));
    let fields = Fields::of(value, &place, &KEYS, problems)?;
    let distribution = fields.word("distribution", &DISTRIBUTIONS, problems);
    let forms = [fields.has("min") || fields.has("max"), fields.has("values"), fields.has("value")];
    if forms.iter().filter(|form| **form).count() != 1 {
        let what = format!("{place} must have either `min` and `max`, `values`, or `value`");
        problems.add(what, "write one of them, such as `{ min = 1e-5, max = 1e-1 }`");
        return None;
    }
    if distribution == Some(Distribution::LogOfExponents) {
        let hint = "write `log_uniform_values`, whose bounds are values and no exponents";
        problems.add(format!("{place} has the distribution log_uniform"), hint);
        return None;
    }
    let is_list = matches!(distribution, Some(Distribution::Categorical | Distribution::Constant));
    if distribution.is_some() && is_list == forms[0] {
        let what = format!("the distribution of {place} does not fit to what else is said");
        problems.add(what, "leave out `distribution`: the rest says what is meant");
        return None;
    }
    if forms[0] {
        return range(&fields, distribution, problems);
    }
    for key in ["log", "q"].into_iter().filter(|key| fields.has(key)) {
        problems.add(format!("{place} has `{key}`, and is no range"), "leave it out");
    }
    choices(&fields, problems)
}

fn choices(fields: &Fields<'_>, problems: &mut Problems) -> Option<Domain> {
    let place = &fields.place;
    let choices = match (fields.get("value"), fields.get("values")) {
        (Some(one), _) => vec![one.clone()],
        (_, Some(Value::Array(several))) => several.clone(),
        (_, several) => {
            let found = several.map_or("nothing", kind);
            problems.add(format!("`values` of {place} is {found}"), "write a list, such as [1, 2]");
            return None;
        }
    };
    if choices.is_empty() || choices.len() > MOST_CHOICES {
        let what = format!("{place} has {} values", choices.len());
        problems.add(what, "list 1 to 256 of them, or write a range");
        return None;
    }
    for choice in &choices {
        if choice.is_array() || choice.is_object() {
            let what = format!("{place} has the value {}", excerpt(&choice.to_string()));
            problems
                .add(what, "choose between texts, numbers, true and false: name what is larger");
            return None;
        }
        if choice.as_str().is_some_and(|text| text.len() > LONGEST_CHOICE) {
            problems
                .add(format!("{place} has a value of more than 1,024 bytes"), "name it shortly");
            return None;
        }
    }
    let domain = Domain::Choice { choices: choices.clone(), disabled: BTreeSet::new() };
    for (number, choice) in choices.iter().enumerate() {
        if domain.internal(choice) != Some(number as f64) {
            let what = format!("{place} has the value {} twice", excerpt(&choice.to_string()));
            problems.add(what, "keep one of them");
            return None;
        }
    }
    let disabled = disabled(fields, &domain, problems)?;
    if disabled.len() == choices.len() {
        problems.add(format!("all values of {place} are disabled"), "leave one that is tried");
        return None;
    }
    Some(Domain::Choice { choices, disabled })
}

fn disabled(
    fields: &Fields<'_>,
    domain: &Domain,
    problems: &mut Problems,
) -> Option<BTreeSet<usize>> {
    let Some(given) = fields.get("disabled") else { return Some(BTreeSet::new()) };
    let Some(given) = given.as_array() else {
        fields.wrong("disabled", given, "write a list of values", problems);
        return None;
    };
    let places = given.iter().map(|value| {
        let place = place_of(domain, value);
        if place.is_none() {
            let what = format!("{} disables {}", fields.place, excerpt(&value.to_string()));
            problems.add(what, super::words::domain(domain));
        }
        place
    });
    places.collect()
}

/// The place of a value in a list of choices.
pub(super) fn place_of(domain: &Domain, value: &Value) -> Option<usize> {
    let Domain::Choice { choices, .. } = domain else { return None };
    let internal = domain.internal(value)?;
    (0..choices.len()).find(|place| *place as f64 == internal)
}

fn range(
    fields: &Fields<'_>,
    distribution: Option<Distribution>,
    problems: &mut Problems,
) -> Option<Domain> {
    let place = &fields.place;
    for key in ["min", "max"].into_iter().filter(|key| !fields.has(key)) {
        problems.add(format!("{place} has no `{key}`"), "write both bounds");
    }
    if fields.has("disabled") {
        problems.add(format!("{place} has `disabled`, and is no list"), "change its bounds");
    }
    let (low, high) = (fields.number("min", problems), fields.number("max", problems));
    let step = fields.number("q", problems);
    let log = fields.truth("log", problems) || distribution == Some(Distribution::LogUniform);
    let (low, high) = (low?, high?);
    if low > high {
        problems.add(format!("the range of {place} is empty: {low} to {high}"), "exchange them");
        return None;
    }
    if !(high - low).is_finite() {
        problems.add(format!("the range of {place} is too wide"), "narrow it");
        return None;
    }
    if log && low <= 0.0 {
        let what = format!("{place} goes by orders of magnitude from {low}");
        problems.add(what, "begin above zero, such as at 1e-6, or leave out the logarithm");
        return None;
    }
    if log && step.is_some() {
        problems.add(format!("{place} has both a logarithm and steps"), "leave out `q`");
        return None;
    }
    if let Some(step) = step.filter(|step| *step <= 0.0 || (*step > high - low && low < high)) {
        let what = format!("the step {step} of {place} does not fit between {low} and {high}");
        problems.add(what, "write a step above zero that is no wider than the range");
        return None;
    }
    let wholes = ["min", "max"].map(|key| fields.get(key).and_then(Value::as_i64));
    let is_real = matches!(distribution, Some(Distribution::Uniform));
    match (wholes, distribution) {
        ([Some(low), Some(high)], _) if !is_real => whole_range(fields, (low, high), log, problems),
        (_, Some(Distribution::IntUniform)) => {
            let what = format!("the bounds of {place} are no whole numbers");
            problems.add(what, "write them without a point, or leave out `distribution`");
            None
        }
        _ => Some(Domain::Float { low, high: last_step(low, high, step), log, step }),
    }
}

fn whole_range(
    fields: &Fields<'_>,
    (low, high): (i64, i64),
    log: bool,
    problems: &mut Problems,
) -> Option<Domain> {
    if low < -MOST_EXACT || high > MOST_EXACT {
        problems.add(format!("the bounds of {} are too large", fields.place), "stay within 2^53");
        return None;
    }
    let given = fields.get("q");
    let Some(step) = given.map_or(Some(1), Value::as_i64) else {
        let hint = "write the bounds with a point, if it is no whole number";
        fields.wrong("q", given.unwrap_or(&Value::Null), hint, problems);
        return None;
    };
    // The last value that the steps come to; Optuna corrects it with a warning.
    let high = low + (high - low) / step * step;
    Some(Domain::Int { low, high, log, step })
}

/// The last value that steps come to, as Optuna would correct it with a warning: without what adding fractions leaves
/// behind the twelfth digit.
fn last_step(low: f64, high: f64, step: Option<f64>) -> f64 {
    let Some(step) = step else { return high };
    let steps = (high - low) / step;
    if (steps - steps.round()).abs() < 1e-9 * steps.max(1.0) {
        return high;
    }
    let last = low + step * steps.floor();
    format!("{last:.12e}").parse().unwrap_or(last)
}
