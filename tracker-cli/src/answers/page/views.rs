//! Saved views of a project.

use serde::Serialize;
use serde_json::{Map, Value};

/// A view in a list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ViewInList {
    pub(crate) name: String,
    /// Null where the view cannot be read.
    pub(crate) revision: Option<String>,
    /// Why it cannot be read.
    pub(crate) problem: Option<String>,
}

/// What `/projects/NAME/views` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Views {
    pub(crate) views: Vec<ViewInList>,
}

/// A view with all that it shows.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NamedView {
    pub(crate) name: String,
    /// What a change of this view names, so that nobody's change is lost.
    pub(crate) revision: String,
    /// By the names of the page's choices.
    #[cfg_attr(test, ts(type = "{ [choice: string]: Json }"))]
    pub(crate) shown: Map<String, Value>,
}

/// What a request to remove a view came to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RemovedView {
    pub(crate) removed: String,
}
