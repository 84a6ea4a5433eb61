//! What differs between runs beside their metrics.

use serde::Serialize;
use serde_json::Value as Json;

use crate::answers::page::code::Code;

/// A value and its kind: 1 is not `"1"`, and missing is not null.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Typed {
    #[cfg_attr(
        test,
        ts(type = r#""missing" | "null" | "boolean" | "number" | "string" | "list" | "object""#)
    )]
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "Json"))]
    pub(crate) value: Option<Json>,
    /// As JSON has it, where JavaScript would show it as something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "string"))]
    pub(crate) exact: Option<String>,
}

/// A setting over all runs, in their order.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) differs: bool,
    pub(crate) values: Vec<Typed>,
}

/// A package over all runs, in their order; null where a run has none, or nobody knows.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) versions: Vec<Option<String>>,
}

/// What `/compare` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Comparison {
    pub(crate) runs: Vec<String>,
    pub(crate) config: Vec<Difference>,
    pub(crate) environment: Vec<Difference>,
    pub(crate) packages: Vec<Package>,
    pub(crate) code: Vec<Code>,
    pub(crate) warnings: Vec<String>,
}
