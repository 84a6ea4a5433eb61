//! What differs between runs beside their metrics, as JSON.

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use tracker_core::read::RunReader;

use crate::{
    ui::{
        failure::{Answer, Failure},
        json::{Object, object},
        responses::{code, exact::exact_text},
    },
    view::{
        config_diff::{Setting, side_by_side_within},
        package_diff::Packages,
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
pub(crate) fn compare(runs: &[RunReader]) -> Answer<Object> {
    let ids: Vec<&str> = runs.iter().map(|run| run.info().id.as_str()).collect();
    let configs: Vec<&Map<String, Value>> = runs.iter().map(|run| &run.info().config).collect();
    let config = table(&configs)?;
    let environments: Vec<Map<String, Value>> =
        runs.iter().map(|run| object(json!(run.info().provenance))).collect();
    let environments: Vec<&Map<String, Value>> = environments.iter().collect();
    let environment = table(&environments)?;
    let packages = Packages::of(runs);
    let mut warnings = packages.warnings.clone();
    let code = code::of_comparison(runs, &mut warnings);
    let differing: Vec<Value> = packages
        .differing()
        .iter()
        .map(|package| json!({ "name": package.name, "versions": package.versions }))
        .collect();
    Ok(object(json!({
        "runs": ids,
        "config": config,
        "environment": environment,
        "packages": differing,
        "code": code,
        "warnings": warnings,
    })))
}

fn table(configs: &[&Map<String, Value>]) -> Answer<Vec<Value>> {
    let settings = side_by_side_within(configs, MOST_CELLS).ok_or_else(|| {
        let error = "these runs have too many settings to lay side by side";
        Failure::new(StatusCode::BAD_REQUEST, error, "compare fewer runs")
    })?;
    Ok(settings.iter().map(setting_json).collect())
}

fn setting_json(setting: &Setting<'_>) -> Value {
    let values: Vec<Value> = setting.values.iter().map(|value| typed(*value)).collect();
    json!({ "path": setting.path, "differs": setting.differs(), "values": values })
}

/// A value and its kind: 1 is not `"1"`, and missing is not null.
fn typed(value: Option<&Value>) -> Value {
    let kind = match value {
        None => return json!({ "kind": "missing" }),
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "object",
    };
    let mut typed = json!({ "kind": kind, "value": value });
    if let Some(exact) = value.and_then(exact_text) {
        typed["exact"] = exact.into();
    }
    typed
}
