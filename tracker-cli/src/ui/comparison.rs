//! What differs between runs beside their metrics, as JSON.

use serde_json::{Map, Value, json};
use tracker_core::read::RunReader;

use super::{
    code,
    shapes::{Object, object},
};
use crate::{
    config_diff::{Setting, side_by_side},
    package_diff::Packages,
};

/// What `/compare` answers.
pub(super) fn compare(runs: &[RunReader]) -> Object {
    let ids: Vec<&str> = runs.iter().map(|run| run.info().id.as_str()).collect();
    let configs: Vec<&Map<String, Value>> = runs.iter().map(|run| &run.info().config).collect();
    let config: Vec<Value> = side_by_side(&configs).iter().map(setting_json).collect();
    let environments: Vec<Map<String, Value>> =
        runs.iter().map(|run| object(json!(run.info().provenance))).collect();
    let environments: Vec<&Map<String, Value>> = environments.iter().collect();
    let environment: Vec<Value> = side_by_side(&environments).iter().map(setting_json).collect();
    let packages = Packages::of(runs);
    let mut warnings = packages.warnings.clone();
    let code = code::of_comparison(runs, &mut warnings);
    let differing: Vec<Value> = packages
        .differing()
        .iter()
        .map(|package| json!({ "name": package.name, "versions": package.versions }))
        .collect();
    object(json!({
        "runs": ids,
        "config": config,
        "environment": environment,
        "packages": differing,
        "code": code,
        "warnings": warnings,
    }))
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
    json!({ "kind": kind, "value": value })
}
