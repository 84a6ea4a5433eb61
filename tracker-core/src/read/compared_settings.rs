//! Settings of several runs side by side.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::read::settings_by_path;

/// What stands for a setting that a run has not.
const MISSING: &str = "–";

/// A setting over several runs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ComparedSetting<'a> {
    /// Its dot path, such as `optimizer.lr`.
    pub path: String,
    /// Each run's value; `None` where it has none.
    pub values: Vec<Option<&'a Value>>,
}

impl ComparedSetting<'_> {
    /// Whether not all runs have the same. Types count: 1 is not `"1"`, and missing is not null.
    pub fn differs(&self) -> bool {
        self.values.windows(2).any(|pair| pair.first() != pair.last())
    }
}

/// The settings of several runs side by side, in the order in which they first appear.
///
/// ```
/// use serde_json::json;
/// use tracker_core::read::compared_settings;
///
/// let (a, b) = (json!({ "lr": 0.1, "seed": 1 }), json!({ "lr": 0.2, "seed": 1 }));
/// let configs = [a.as_object().unwrap(), b.as_object().unwrap()];
/// let differing = compared_settings(&configs).into_iter().filter(|setting| setting.differs());
/// assert_eq!(differing.map(|setting| setting.path).collect::<Vec<_>>(), ["lr"]);
/// ```
pub fn compared_settings<'a>(configs: &[&'a Map<String, Value>]) -> Vec<ComparedSetting<'a>> {
    compared_settings_within(configs, usize::MAX).unwrap_or_default()
}

/// As [`compared_settings`], if all runs and settings together make at most this many cells.
pub fn compared_settings_within<'a>(
    configs: &[&'a Map<String, Value>],
    most_cells: usize,
) -> Option<Vec<ComparedSetting<'a>>> {
    let mut settings: Vec<ComparedSetting<'a>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (run, config) in configs.iter().enumerate() {
        for (path, value) in settings_by_path(config) {
            let place = *places.entry(path).or_insert_with_key(|path| {
                let values = vec![None; configs.len()];
                settings.push(ComparedSetting { path: path.clone(), values });
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

/// A setting's value as people read it. A text is quoted only where it could be taken for something else.
pub fn shown_setting(value: Option<&Value>) -> String {
    match value {
        None => MISSING.to_owned(),
        Some(Value::String(text)) if reads_as_itself(text) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn reads_as_itself(text: &str) -> bool {
    let is_plain = !text.is_empty() && text.trim() == text && text != MISSING;
    is_plain && serde_json::from_slice::<Value>(text.as_bytes()).is_err()
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
    fn types_and_absence_make_a_difference() {
        let a = map(json!({"int": 1, "none": null, "same": 0.1, "real": 1}));
        let b = map(json!({"int": "1", "same": 0.1, "real": 1.0}));
        let settings = compared_settings(&[&a, &b]);
        let differs: Vec<&str> = settings
            .iter()
            .filter(|setting| setting.differs())
            .map(|setting| setting.path.as_str())
            .collect();
        assert_eq!(differs, ["int", "none", "real"]);
    }

    #[test]
    fn a_text_that_looks_like_another_type_is_quoted() {
        let shown = |value: Value| shown_setting(Some(&value));
        assert_eq!(shown(json!("adam")), "adam");
        assert_eq!(shown(json!("1")), "\"1\"");
        assert_eq!(shown(json!("null")), "\"null\"");
        assert_eq!(shown(json!(" x")), "\" x\"");
        assert_eq!(shown(json!(null)), "null");
        assert_eq!(shown_setting(None), "–");
    }
}
