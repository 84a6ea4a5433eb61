//! Settings as MLflow keeps them: flat, and all of them texts.

use serde_json::{Map, Value};

/// So many levels of settings are taken apart; what is deeper stays JSON.
const DEEPEST: usize = 60;

/// Each setting by its path, with dots between the keys, and its text. A dot within a key is written as `:2e`, so that
/// no two paths are the same.
pub(super) fn flatten(config: &Map<String, Value>) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    add(&mut settings, "", config, 0);
    settings
}

fn add(settings: &mut Vec<(String, String)>, before: &str, map: &Map<String, Value>, depth: usize) {
    for (key, value) in map {
        let path = format!("{before}{}", write_key(key));
        match value {
            Value::Object(within) if !within.is_empty() && depth < DEEPEST => {
                add(settings, &format!("{path}."), within, depth + 1);
            }
            value => settings.push((path, write(value))),
        }
    }
}

/// What [`flatten`] took apart. Where two paths cannot both be, the later one stays whole.
pub(super) fn nest(settings: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    let mut config = Map::new();
    for (path, text) in settings {
        let value = read(&text);
        let keys: Vec<&str> = path.split('.').collect();
        if keys.len() > DEEPEST + 2 || !insert(&mut config, &keys, &value) {
            config.insert(path, value);
        }
    }
    config
}

fn insert(map: &mut Map<String, Value>, keys: &[&str], value: &Value) -> bool {
    let Some((first, rest)) = keys.split_first() else { return false };
    let key = read_key(first);
    if rest.is_empty() {
        let is_free = !map.contains_key(&key);
        if is_free {
            map.insert(key, value.clone());
        }
        return is_free;
    }
    match map.entry(key).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(within) => insert(within, rest, value),
        _ => false,
    }
}

/// A value as text: a text as it is, unless it would be read as something else; all else as JSON.
pub(super) fn write(value: &Value) -> String {
    match value {
        Value::String(text) if read(text) == *value => text.clone(),
        other => other.to_string(),
    }
}

/// The value that a text stands for: numbers, yes and no as Python and JSON write them, lists and maps as JSON,
/// texts in quotes; else the text itself.
pub(super) fn read(text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match text {
        "True" => Value::Bool(true),
        "False" => Value::Bool(false),
        "None" => Value::Null,
        // Only what is written as JSON writes it: a version `1.10` is no number.
        _ => match serde_json::from_str::<Value>(text) {
            Ok(value @ Value::Number(_)) if !is_number(text, &value) => as_text(),
            Ok(value) => value,
            Err(_) => as_text(),
        },
    }
}

/// Whether a number keeps its text, or is one that Python writes so: `1e-05`, `100.0`.
fn is_number(text: &str, value: &Value) -> bool {
    let digits = text.trim_start_matches('-');
    let has_needless_zero = digits.contains('.')
        && !digits.contains(['e', 'E'])
        && digits.ends_with('0')
        && !digits.ends_with(".0");
    let is_exact = digits.contains(['.', 'e', 'E']) || value.is_u64() || value.is_i64();
    is_exact && !has_needless_zero
}

fn write_key(key: &str) -> String {
    if key.is_empty() {
        // No key at all is `:`, which no other is.
        return ":".to_owned();
    }
    key.replace(':', ":3a").replace('.', ":2e")
}

fn read_key(text: &str) -> String {
    if text == ":" { String::new() } else { text.replace(":2e", ".").replace(":3a", ":") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_come_back_as_they_were() {
        let config = json!({
            "lr": 1e-3, "epochs": 30, "name": "a", "number": "30", "yes": true, "said": "true", "none": null,
            "said_none": "None", "list": [1, "2", {"a": null}], "empty": {}, "quoted": "\"a\"", "": 1, "a.b": 2,
            "a": {"b": {"c": "1.10"}, "": 0, ":": 1}, "time:2e": "12:30", "large": 18_446_744_073_709_551_615_u64,
            "text": "{not json", "json": "{\"a\": 1}", "nothing": "", "one": 1.0, "space": " 1",
        });
        let config = config.as_object().unwrap();
        assert_eq!(&nest(flatten(config)), config);
    }

    #[test]
    fn texts_of_python_are_read_as_what_they_were() {
        for (text, value) in [
            ("0.001", json!(0.001)),
            ("1e-05", json!(1e-5)),
            ("64", json!(64)),
            ("True", json!(true)),
            ("None", json!(null)),
            ("adam", json!("adam")),
            ("1.10", json!("1.10")),
            ("nan", json!("nan")),
            ("123456789012345678901234567890", json!("123456789012345678901234567890")),
            ("['a', 'b']", json!("['a', 'b']")),
        ] {
            assert_eq!(read(text), value, "{text}");
        }
    }

    #[test]
    fn paths_that_cannot_both_be_are_both_kept() {
        let settings =
            [("a", "1"), ("a.b", "2")].map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(Value::Object(nest(settings)), json!({"a": 1, "a.b": 2}));
    }
}
