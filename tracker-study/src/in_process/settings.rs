//! A trial's values, laid over a program's own settings.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The settings with these values in the places of their names.
///
/// # Errors
/// If the settings have no such place, or do not take the value that comes there.
pub(super) fn laid_over<T: Serialize + DeserializeOwned>(
    settings: &T,
    values: &Map<String, Value>,
) -> Result<T> {
    let base = serde_json::to_value(settings).map_err(|error| unusable(&error.to_string()))?;
    let mut laid = base.clone();
    for (name, value) in values {
        set(&mut laid, name, value.clone());
    }
    let settings: T = serde_json::from_value(laid).map_err(|error| unusable(&error.to_string()))?;
    // A name that the settings do not know is dropped on the way, and what it stands for would never be tried.
    let known = serde_json::to_value(&settings).map_err(|error| unusable(&error.to_string()))?;
    let lost = values.iter().find(|(name, value)| !value.is_null() && get(&known, name).is_none());
    match lost {
        None => Ok(settings),
        Some((name, _)) => Err(Error::unusable(
            format!("the settings have no `{name}`, which the study varies"),
            format!("they have {}; the name of a parameter is the path of a setting", names(&base)),
        )),
    }
}

fn unusable(why: &str) -> Error {
    let hint = "a parameter needs values that the setting's type takes: `.int(..)` for whole numbers, `.choice(..)` for \
                names of an enum";
    Error::unusable(format!("the settings do not take the trial's values: {why}"), hint)
}

/// Sets what a path means: a key of this very name, else step by step behind the dots.
fn set(settings: &mut Value, path: &str, value: Value) {
    let Value::Object(fields) = settings else { return };
    match path.split_once('.') {
        Some((first, rest)) if !fields.contains_key(path) => {
            let inner = fields.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if inner.is_null() {
                *inner = Value::Object(Map::new());
            }
            set(inner, rest, value);
        }
        _ => {
            fields.insert(path.to_owned(), value);
        }
    }
}

fn get<'a>(settings: &'a Value, path: &str) -> Option<&'a Value> {
    let here = settings.get(path);
    here.or_else(|| {
        let (first, rest) = path.split_once('.')?;
        get(settings.get(first)?, rest)
    })
}

fn names(settings: &Value) -> String {
    const MOST: usize = 20;
    let Value::Object(fields) = settings else { return "no names: they are no struct".into() };
    let names: Vec<&str> = fields.keys().take(MOST).map(String::as_str).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Args {
        epochs: usize,
        act: Activation,
        optimizer: Optimizer,
        dropout: Option<f32>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Optimizer {
        lr: f64,
        momentum: f32,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Activation {
        Relu,
        Gelu,
    }

    fn args() -> Args {
        let optimizer = Optimizer { lr: 1e-3, momentum: 0.9 };
        Args { epochs: 3, act: Activation::Relu, optimizer, dropout: None }
    }

    fn with(values: &Value) -> Result<Args> {
        laid_over(&args(), values.as_object().unwrap())
    }

    #[test]
    fn values_are_laid_over_by_their_paths_and_all_others_stay() {
        let laid =
            with(&json!({ "optimizer.lr": 0.1, "act": "gelu", "dropout": 0.5, "epochs": 5 }));
        let mut wanted = args();
        wanted.optimizer.lr = 0.1;
        (wanted.act, wanted.dropout, wanted.epochs) = (Activation::Gelu, Some(0.5), 5);
        assert_eq!(laid.unwrap(), wanted);
        assert_eq!(with(&json!({})).unwrap(), args());
    }

    #[test]
    fn a_name_that_the_settings_do_not_know_is_told_with_those_that_they_do() {
        for name in ["lr", "optimizer.rate", "epochs.lr"] {
            let text = with(&json!({ name: 0.1 })).unwrap_err().to_string();
            assert!(
                text.contains(&format!("`{name}`")) && text.contains("epochs, act, optimizer"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_value_that_a_setting_does_not_take_is_told_with_the_way_out() {
        for values in
            [json!({ "epochs": 2.5 }), json!({ "act": "tanh" }), json!({ "epochs": "many" })]
        {
            let text = with(&values).unwrap_err().to_string();
            assert!(text.contains("do not take") && text.contains("hint: "), "{text}");
        }
    }

    #[test]
    fn a_key_with_dots_of_its_own_is_meant_before_a_path() {
        let base = json!({ "optimizer.lr": 1.0, "optimizer": { "lr": 2.0 } });
        let values = json!({ "optimizer.lr": 3.0 });
        let laid: Value = laid_over(&base, values.as_object().unwrap()).unwrap();
        assert_eq!(laid, json!({ "optimizer.lr": 3.0, "optimizer": { "lr": 2.0 } }));
    }
}
