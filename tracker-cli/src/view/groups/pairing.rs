//! Which runs of two groups belong together, most often by their seeds.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use serde_json::{Map, Value};
use tracker_core::read::{settings_by_path, shown_setting};

use crate::view::metric_order;

/// How the names of settings end that hold a seed.
const SEED: &str = "seed";

/// The settings that two runs must share to be a pair.
#[derive(Debug)]
pub(crate) struct Pairing {
    pub(crate) paths: Vec<String>,
    /// Whether somebody named it.
    pub(crate) is_asked: bool,
}

impl Pairing {
    /// By the setting that was asked for, else by all that hold a seed.
    pub(crate) fn of<'a>(
        configs: impl Iterator<Item = &'a Map<String, Value>> + Clone,
        asked: Option<&str>,
    ) -> Result<Self> {
        let paths = paths(configs.clone());
        match asked {
            Some(path) if paths.contains(path) => {
                Ok(Self { paths: vec![path.to_owned()], is_asked: true })
            }
            Some(path) => Err(no_setting(configs, path)),
            None => {
                let paths = paths.into_iter().filter(|path| is_seed(path)).collect();
                Ok(Self { paths, is_asked: false })
            }
        }
    }

    /// What a run is paired by; `None` if it has nothing of it.
    pub(crate) fn key(&self, config: &Map<String, Value>) -> Option<String> {
        let settings = settings_by_path(config);
        let value = |path: &String| settings.iter().find(|(known, _)| known == path);
        let has_any = self.paths.iter().any(|path| value(path).is_some());
        let values =
            self.paths.iter().map(|path| shown_setting(value(path).map(|(_, value)| *value)));
        has_any.then(|| values.collect::<Vec<_>>().join(", "))
    }

    /// What runs of a group are called.
    pub(crate) fn thing(&self) -> &'static str {
        let are_seeds = !self.paths.is_empty() && self.paths.iter().all(|path| is_seed(path));
        if are_seeds { SEED } else { "run" }
    }
}

/// Whether a setting holds a seed, which is to differ from run to run.
pub(crate) fn is_seed(path: &str) -> bool {
    let word = path.rsplit('.').next().unwrap_or(path);
    word.to_ascii_lowercase().ends_with(SEED)
}

fn paths<'a>(configs: impl Iterator<Item = &'a Map<String, Value>>) -> BTreeSet<String> {
    configs.flat_map(settings_by_path).map(|(path, _)| path).collect()
}

/// That no run has a setting.
pub(crate) fn no_setting<'a>(
    configs: impl Iterator<Item = &'a Map<String, Value>>,
    path: &str,
) -> anyhow::Error {
    let paths = paths(configs);
    let hint = if paths.is_empty() {
        "the runs have no settings".to_owned()
    } else {
        format!("known are {}", metric_order::some_of(paths.iter(), path))
    };
    anyhow!("none of the runs has a setting `{path}`\nhint: {hint}")
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
    fn runs_are_paired_by_all_their_seeds_unless_a_setting_is_named() {
        let configs = [
            map(json!({"lr": 1, "seed": 3, "data": {"shuffle_seed": 4}})),
            map(json!({"lr": 2, "fold": 1})),
        ];
        let seeds = Pairing::of(configs.iter(), None).unwrap();
        assert_eq!(seeds.paths, ["data.shuffle_seed", "seed"]);
        assert_eq!(seeds.key(&configs[0]).unwrap(), "4, 3");
        assert_eq!((seeds.key(&configs[1]), seeds.thing()), (None, "seed"));
        let folds = Pairing::of(configs.iter(), Some("fold")).unwrap();
        assert_eq!((folds.key(&configs[1]).unwrap(), folds.thing()), ("1".to_owned(), "run"));
        let error = Pairing::of(configs.iter(), Some("folds")).unwrap_err().to_string();
        assert!(error.contains("a setting `folds`\nhint: known are fold, "), "{error}");
    }
}
