//! What was changed in the code of a run since its commit.

use serde::Serialize;
use tracker_core::read::{Code as Known, RunReader};

/// A run's code.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Code<'a> {
    /// Which files were changed.
    Files(&'a Known),
    /// And how.
    Whole(WholeCode<'a>),
}

/// A run's code with its patch; null where none can be read.
#[derive(Debug, Serialize)]
pub(crate) struct WholeCode<'a> {
    #[serde(flatten)]
    code: &'a Known,
    patch: Option<String>,
}

impl<'a> Code<'a> {
    /// A patch that cannot be read is told elsewhere.
    pub(crate) fn whole(run: &RunReader, code: &'a Known) -> Self {
        let patch = run.patch().ok().flatten().map(|patch| patch.to_text());
        Self::Whole(WholeCode { code, patch })
    }
}
