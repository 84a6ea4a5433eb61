//! What a parameter may be, in words.

use tracker_study::{Domain, Parameter, Space};

use crate::terminal::text::{clean, shorten};

/// The longest list of choices that is shown.
const LONGEST: usize = 120;

/// The values of a domain: `1e-5 … 0.1, log`, `32 … 512`, `relu, gelu`.
pub(crate) fn domain(domain: &Domain) -> String {
    match domain {
        Domain::Float { low, high, log, step } => {
            let step = step.map(|step| format!(", in steps of {step:?}")).unwrap_or_default();
            format!("{low:?} … {high:?}{}{step}", log_word(*log))
        }
        Domain::Int { low, high, log, step } => {
            let step = if *step == 1 { String::new() } else { format!(", in steps of {step}") };
            format!("{low} … {high}, whole{}{step}", log_word(*log))
        }
        Domain::Choice { choices, disabled } => {
            let choice = |(place, choice): (usize, &serde_json::Value)| {
                let text = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
                let is_disabled = disabled.contains(&place);
                format!("{}{}", clean(&text), if is_disabled { " (disabled)" } else { "" })
            };
            let all: Vec<String> = choices.iter().enumerate().map(choice).collect();
            shorten(&all.join(", "), LONGEST)
        }
        _ => String::new(),
    }
}

fn log_word(log: bool) -> &'static str {
    if log { ", log" } else { "" }
}

/// When a parameter is there: `when act = gelu`; empty if always.
pub(crate) fn conditions(parameter: &Parameter, space: &Space) -> String {
    let condition = |condition: &tracker_study::Condition| {
        let known = space.get(&condition.parameter).map(|other| &other.domain);
        let choices = condition.choices.iter().filter_map(|place| {
            let choice = known?.value(*place as f64)?;
            Some(choice.as_str().map_or_else(|| choice.to_string(), str::to_owned))
        });
        let choices: Vec<String> = choices.collect();
        format!(
            "{} = {}",
            clean(&condition.parameter),
            shorten(&clean(&choices.join(" or ")), LONGEST)
        )
    };
    let all: Vec<String> = parameter.when.iter().map(condition).collect();
    if all.is_empty() { String::new() } else { format!("when {}", all.join(" and ")) }
}
