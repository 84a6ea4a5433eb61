//! What people give for a parameter of a study: `lr=0.003`, `act=relu`.

use anyhow::{Result, anyhow, bail};
use serde_json::Value;
use tracker_study::{Domain, Parameter, Plan};

use crate::{
    command::study::find::nearest, terminal::text::clean, view::study::domain as shown_domain,
};

/// A name and what stands behind its `=`.
pub(crate) fn name_and_value(text: &str) -> Result<(&str, &str)> {
    let both = text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    both.filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
        anyhow!("`{}` gives no parameter a value\nhint: write it as `lr=0.003`", clean(text))
    })
}

/// The parameter of this name.
pub(crate) fn parameter<'a>(plan: &'a Plan, name: &str) -> Result<&'a Parameter> {
    plan.space.get(name).ok_or_else(|| {
        let known: Vec<String> =
            plan.space.parameters().iter().map(|known| known.name.clone()).collect();
        anyhow!(
            "the study has no parameter `{}`\nhint: it has {}",
            clean(name),
            clean(&nearest(&known, name))
        )
    })
}

/// A value of the parameter, from what was typed: a choice by its text, everything else as a number.
pub(crate) fn value_of(parameter: &Parameter, typed: &str) -> Result<(Value, f64)> {
    let text = Value::String(typed.to_owned());
    let read = serde_json::from_str::<Value>(typed).ok().filter(|value| !value.is_object());
    let both = read.into_iter().chain([text]);
    let found = both.filter_map(|value| {
        let internal = parameter.domain.internal(&value)?;
        Some((parameter.domain.value(internal)?, internal))
    });
    let Some(found) = { found }.next() else {
        bail!(
            "{} cannot be `{}`\nhint: it is one of {}",
            clean(&parameter.name),
            clean(typed),
            shown_domain(&parameter.domain)
        )
    };
    Ok(found)
}

/// The place of a choice that was typed.
pub(crate) fn place_of(parameter: &Parameter, typed: &str) -> Result<usize> {
    let Domain::Choice { choices, .. } = &parameter.domain else {
        bail!(
            "{0} is a number, and has no choices\nhint: give it other bounds, as in `--set {0}.max=0.1`",
            clean(&parameter.name)
        )
    };
    let (value, _) = value_of(parameter, typed)?;
    choices.iter().position(|choice| *choice == value).ok_or_else(|| {
        anyhow!(
            "{} has no choice `{}`\nhint: it has {}",
            clean(&parameter.name),
            clean(typed),
            shown_domain(&parameter.domain)
        )
    })
}
