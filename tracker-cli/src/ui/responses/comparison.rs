//! What differs between runs beside their metrics, as JSON.

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::{Map, Value};
use tracker_core::read::{
    ComparedPackage, ComparedPackages, ComparedSetting, Provenance, RunReader,
    compared_settings_within,
};

use crate::{
    answers::page::comparison::{Comparison, Difference, Package, Typed},
    ui::{
        failure::{Answer, Failure},
        responses::{code, exact::exact_text},
    },
};

/// Nobody reads so many columns.
const MOST_RUNS: usize = 1000;

/// The cells of a table of settings, over all runs.
const MOST_CELLS: usize = 1 << 22;

/// The runs that a request names, each once.
///
/// # Errors
/// If there are more than any page shows.
pub(crate) fn distinct(mut ids: Vec<String>) -> Answer<Vec<String>> {
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    if ids.len() > MOST_RUNS {
        let error = format!("more than {MOST_RUNS} runs at once");
        return Err(Failure::new(StatusCode::BAD_REQUEST, error, "compare fewer runs"));
    }
    Ok(ids)
}

/// What `/compare` answers.
///
/// # Errors
/// If the runs have so many settings that no table can hold them.
pub(crate) fn compare(runs: &[RunReader]) -> Answer<Comparison> {
    let configs: Vec<&Map<String, Value>> = runs.iter().map(|run| &run.info().config).collect();
    let environments: Vec<Map<String, Value>> =
        runs.iter().map(|run| facts(&run.info().provenance)).collect();
    let environments: Vec<&Map<String, Value>> = environments.iter().collect();
    let packages = ComparedPackages::of(runs);
    let mut warnings = packages.warnings().to_vec();
    let code = code::of_comparison(runs, &mut warnings);
    let differing = packages.differing();
    let package = |package: &ComparedPackage<'_>| Package {
        name: package.name.to_owned(),
        versions: package.versions.iter().map(|version| version.map(str::to_owned)).collect(),
    };
    Ok(Comparison {
        runs: runs.iter().map(|run| run.info().id.to_string()).collect(),
        config: table(&configs)?,
        environment: table(&environments)?,
        packages: differing.iter().map(package).collect(),
        code,
        warnings,
    })
}

/// Where a run comes from as settings, which are laid side by side as those of people are.
fn facts(provenance: &Provenance) -> Map<String, Value> {
    match serde_json::to_value(provenance) {
        Ok(Value::Object(facts)) => facts,
        _ => Map::new(),
    }
}

fn table(configs: &[&Map<String, Value>]) -> Answer<Vec<Difference>> {
    let settings = compared_settings_within(configs, MOST_CELLS).ok_or_else(|| {
        let error = "these runs have too many settings to lay side by side";
        Failure::new(StatusCode::BAD_REQUEST, error, "compare fewer runs")
    })?;
    Ok(settings.iter().map(difference).collect())
}

fn difference(setting: &ComparedSetting<'_>) -> Difference {
    Difference {
        path: setting.path.clone(),
        differs: setting.differs(),
        values: setting.values.iter().map(|value| typed(*value)).collect(),
    }
}

fn typed(value: Option<&Value>) -> Typed {
    let kind = match value {
        None => "missing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "object",
    };
    Typed { kind, value: value.cloned(), exact: value.and_then(exact_text) }
}
