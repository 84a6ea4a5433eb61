//! The file that says what a study does.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Number, Value};
use tracker_study::Plan;

use crate::terminal::text::clean;

/// The longest file, in bytes; a study of the most parameters has less.
const LONGEST: u64 = 1 << 20;

/// What a file says, and its text.
#[derive(Debug)]
pub(crate) struct PlanFile {
    pub(crate) plan: Plan,
    pub(crate) text: String,
}

impl PlanFile {
    /// Reads a file of TOML, or of JSON.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = read_text(path)?;
        let shown = clean(&path.display().to_string());
        let plan = plan_of(&text);
        let plan = plan.map_err(|error| anyhow!("{shown} is no study that can begin: {error}"))?;
        Ok(Self { plan, text })
    }
}

/// The plan that a text is, which is TOML or JSON.
pub(crate) fn plan_of(text: &str) -> Result<Plan> {
    let value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| {
            anyhow!("{error}\nhint: it begins with a brace, so it is read as JSON; TOML begins with a key")
        })?
    } else {
        let table: toml::Table = toml::from_str(text)?;
        to_json(toml::Value::Table(table), "")?
    };
    Ok(Plan::from_json(&value)?)
}

#[expect(clippy::disallowed_methods, reason = "a file that a person named, in no store")]
fn read_text(path: &Path) -> Result<String> {
    let shown = clean(&path.display().to_string());
    let file = File::open(path).with_context(|| {
        format!("failed to open {shown}\nhint: `tracker sweep study.toml -- COMMAND` names the file first")
    })?;
    let mut text = String::new();
    let read = file.take(LONGEST + 1).read_to_string(&mut text);
    read.with_context(|| format!("failed to read {shown}\nhint: it is a text of TOML or JSON"))?;
    if text.len() as u64 > LONGEST {
        bail!(
            "{shown} is longer than 1 MiB\nhint: say less in it: long lists of values belong to the training"
        );
    }
    Ok(text)
}

/// A value of TOML as one of JSON; `at` says where it stands.
fn to_json(value: toml::Value, at: &str) -> Result<Value> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(whole) => Value::from(whole),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Float(number) => match Number::from_f64(number) {
            Some(number) => Value::Number(number),
            None => bail!("{at} is {number}\nhint: give it a number that is finite"),
        },
        toml::Value::Datetime(date) => {
            bail!("{at} is the date {date}\nhint: write it as a text, in quotes")
        }
        toml::Value::Array(values) => {
            let values = values.into_iter().map(|value| to_json(value, at));
            Value::Array(values.collect::<Result<_>>()?)
        }
        toml::Value::Table(fields) => {
            let field = |(key, value): (String, toml::Value)| {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                Ok((key, to_json(value, &at)?))
            };
            Value::Object(fields.into_iter().map(field).collect::<Result<Map<_, _>>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Value> {
        to_json(toml::Value::Table(toml::from_str(text)?), "")
    }

    #[test]
    fn the_order_of_the_file_is_kept() {
        let text =
            "[parameters]\nlr = { min = 1e-5, max = 1 }\nact = { values = [\"b\", true, 2] }\n";
        let value = read(text).unwrap();
        let wanted = json!({ "parameters": { "lr": { "min": 1e-5, "max": 1 }, "act": { "values": ["b", true, 2] } } });
        assert_eq!(value.to_string(), wanted.to_string());
    }

    #[test]
    fn what_json_cannot_say_is_refused_with_its_place() {
        let said = |text: &str| read(text).unwrap_err().to_string();
        assert!(
            said("[parameters]\nlr = { max = inf }")
                .starts_with("parameters.lr.max is inf\nhint: ")
        );
        assert!(said("day = 2026-01-01").starts_with("day is the date 2026-01-01\nhint: "));
        assert!(said("a = 1\na = 2").contains("line 2"));
    }
}
