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
