//! A run among those that are grouped.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tracker_core::{Summary, read::RunReader};

/// A run, and what each of its metrics came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) run: &'a RunReader,
    pub(crate) summaries: &'a BTreeMap<String, Summary>,
}

impl<'a> Member<'a> {
    pub(crate) fn config(&self) -> &'a Map<String, Value> {
        &self.run.info().config
    }
}
