//! Which run made what another one used.

use serde::Serialize;
use tracker_core::Timestamp;

/// Something that the run made use of.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Used {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) version: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) bytes: Option<u64>,
    /// How many files it has, if it is a folder.
    pub(crate) files: Option<u64>,
    /// The run that made it, if somebody named it.
    pub(crate) run: Option<String>,
    /// The name of that run; null if it is not in this store.
    pub(crate) run_name: Option<String>,
    pub(crate) project: Option<String>,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
}

/// A run that made use of what this one made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct User {
    pub(crate) run: String,
    pub(crate) run_name: String,
    pub(crate) project: String,
    /// The artifact that it used.
    pub(crate) name: String,
    pub(crate) version: String,
    /// Whether it named the artifact. Else it used a file of the same bytes.
    pub(crate) named: bool,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) time: Timestamp,
}

/// What `/runs/ID/lineage` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Lineage {
    pub(crate) used: Vec<Used>,
    pub(crate) used_by: Vec<User>,
}
