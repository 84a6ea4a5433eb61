//! Settings as dot paths, and where runs differ in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tracker_core::read::settings_by_path;

use crate::terminal::table::MISSING;

/// A setting over several runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting<'a> {
    /// Its dot path, such as `optimizer.lr`.
    pub(crate) path: String,
    /// Each run's value; `None` where it has none.
    pub(crate) values: Vec<Option<&'a Value>>,
}

impl Setting<'_> {
    /// Whether not all runs have the same. Types count: 1 is not `"1"`, and missing is not null.
    pub(crate) fn differs(&self) -> bool {
        self.values.windows(2).any(|pair| pair.first() != pair.last())
    }
}

/// The settings of several runs side by side, in the order in which they first appear.
pub(crate) fn side_by_side<'a>(configs: &[&'a Map<String, Value>]) -> Vec<Setting<'a>> {
    side_by_side_within(configs, usize::MAX).unwrap_or_default()
}

/// The same, if all runs and settings together make at most this many cells.
pub(crate) fn side_by_side_within<'a>(
    configs: &[&'a Map<String, Value>],
    most_cells: usize,
) -> Option<Vec<Setting<'a>>> {
    let mut settings: Vec<Setting<'a>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (run, config) in configs.iter().enumerate() {
        for (path, value) in settings_by_path(config) {
            let place = *places.entry(path).or_insert_with_key(|path| {
                settings.push(Setting { path: path.clone(), values: vec![None; configs.len()] });
                settings.len() - 1
            });
            if let Some(slot) =
                settings.get_mut(place).and_then(|setting| setting.values.get_mut(run))
            {
                *slot = Some(value);
            }
            if settings.len().saturating_mul(configs.len()) > most_cells {
                return None;
            }
        }
    }
    Some(settings)
}

/// A value as people read it. A text is quoted only where it could be taken for something else.
pub(crate) fn shown(value: Option<&Value>) -> String {
    match value {
        None => MISSING.to_owned(),
        Some(Value::String(text)) if reads_as_itself(text) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn reads_as_itself(text: &str) -> bool {
    let is_plain = !text.is_empty() && text.trim() == text && text != MISSING;
    is_plain && serde_json::from_str::<Value>(text).is_err()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("not a map") };
        map
    }

    #[test]
    fn maps_become_dot_paths_and_keys_with_dots_stay_apart() {
        let config = map(json!({
            "a": {"b": 1, "c": {}}, "a.b": 2, "list": [1, 2], "layers": [{"size": 3}, 4],
        }));
        let flat: Vec<String> = settings_by_path(&config)
            .into_iter()
            .map(|(path, value)| format!("{path}={value}"))
            .collect();
        let wanted =
            ["a.b=1", "a.c={}", "\"a.b\"=2", "list=[1,2]", "layers.0.size=3", "layers.1=4"];
        assert_eq!(flat, wanted);
    }

    #[test]
    fn no_two_settings_have_the_same_path_and_the_paths_are_those_of_the_page() {
        let cases = include_str!("../../web/tests/flatten_cases.json");
        let cases: Value = serde_json::from_str(cases).unwrap();
        let paths = settings_by_path(cases["settings"].as_object().unwrap()).into_iter();
        let paths: Vec<String> = paths.map(|(path, _)| path).collect();
        assert_eq!(json!(paths), cases["paths"]);
    }

    #[test]
    fn types_and_absence_make_a_difference() {
        let a = map(json!({"int": 1, "none": null, "same": 0.1, "real": 1}));
        let b = map(json!({"int": "1", "same": 0.1, "real": 1.0}));
        let settings = side_by_side(&[&a, &b]);
        let differs: Vec<&str> = settings
            .iter()
            .filter(|setting| setting.differs())
            .map(|setting| setting.path.as_str())
            .collect();
        assert_eq!(differs, ["int", "none", "real"]);
    }

    #[test]
    fn a_text_that_looks_like_another_type_is_quoted() {
        let shown = |value: Value| super::shown(Some(&value));
        assert_eq!(shown(json!("adam")), "adam");
        assert_eq!(shown(json!("1")), "\"1\"");
        assert_eq!(shown(json!("null")), "\"null\"");
        assert_eq!(shown(json!(" x")), "\" x\"");
        assert_eq!(shown(json!(null)), "null");
        assert_eq!(super::shown(None), "–");
    }
}
