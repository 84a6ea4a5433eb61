//! Settings as dot paths: `{"model": {"hidden": 100}}` is `model.hidden`.

use serde_json::{Map, Value};

/// The settings of a config by dot path, in the config's own order. Maps are taken apart, and lists that hold
/// maps or lists; a list of plain values is one value.
///
/// ```
/// use serde_json::json;
/// use tracker_core::read::settings_by_path;
///
/// let config = json!({ "model": { "hidden": 100, "layers": [32, 64] } });
/// let settings = settings_by_path(config.as_object().unwrap());
/// let paths: Vec<_> = settings.into_iter().map(|(path, _)| path).collect();
/// assert_eq!(paths, ["model.hidden", "model.layers"]);
/// ```
pub fn settings_by_path(config: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut settings = Vec::new();
    for (key, value) in config {
        add(&mut settings, quoted(key), value);
    }
    settings
}

fn add<'a>(settings: &mut Vec<(String, &'a Value)>, path: String, value: &'a Value) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                add(settings, format!("{path}.{}", quoted(key)), value);
            }
        }
        Value::Array(list) if list.iter().any(|item| item.is_object() || item.is_array()) => {
            for (index, value) in list.iter().enumerate() {
                add(settings, format!("{path}.{index}"), value);
            }
        }
        leaf => settings.push((path, leaf)),
    }
}

/// A key that has a dot of its own, or is empty, is quoted as in JSON, so that no two paths are the
/// same.
pub(super) fn quoted(key: &str) -> String {
    if key.is_empty() || key.contains(['.', '"']) {
        Value::from(key).to_string()
    } else {
        key.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_become_dot_paths_and_keys_with_dots_stay_apart() {
        let config = json!({
            "a": {"b": 1, "c": {}}, "a.b": 2, "list": [1, 2], "layers": [{"size": 3}, 4],
        });
        let flat: Vec<String> = settings_by_path(config.as_object().unwrap())
            .into_iter()
            .map(|(path, value)| format!("{path}={value}"))
            .collect();
        let wanted =
            ["a.b=1", "a.c={}", "\"a.b\"=2", "list=[1,2]", "layers.0.size=3", "layers.1=4"];
        assert_eq!(flat, wanted);
    }

    /// The page's own tests read the same cases.
    #[test]
    fn no_two_settings_have_the_same_path_and_the_paths_are_those_of_the_page() {
        let cases = include_str!("../../tests/data/setting_paths.json");
        let cases: Value = serde_json::from_str(cases).unwrap();
        let paths = settings_by_path(cases["settings"].as_object().unwrap()).into_iter();
        let paths: Vec<String> = paths.map(|(path, _)| path).collect();
        assert_eq!(json!(paths), cases["paths"]);
    }
}
