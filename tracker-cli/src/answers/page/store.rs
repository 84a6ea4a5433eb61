//! The store as the page shows it.

use serde::Serialize;
use tracker_core::Timestamp;

/// A project, and how many runs it has.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) runs: u64,
    pub(crate) running: u64,
    #[cfg_attr(test, ts(type = "string | null"))]
    pub(crate) last_started_at: Option<Timestamp>,
}

/// What `/store` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Store {
    pub(crate) tracker: &'static str,
    pub(crate) root: String,
    pub(crate) read_only: bool,
    pub(crate) read_only_because: Option<&'static str>,
    pub(crate) projects: Vec<Project>,
    pub(crate) warnings: Vec<String>,
}
