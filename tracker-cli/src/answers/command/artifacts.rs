//! The files that a run made.

use std::borrow::Cow;

use serde::Serialize;
use tracker_core::read::{ArtifactVersion, User};

/// What `tracker artifact ls` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Listed<'a> {
    pub(crate) run: &'a str,
    pub(crate) artifacts: Vec<Version<'a>>,
}

/// A version of an artifact, and who used it.
#[derive(Debug, Serialize)]
pub(crate) struct Version<'a> {
    #[serde(flatten)]
    pub(crate) version: &'a ArtifactVersion,
    pub(crate) used_by: Vec<&'a User>,
}

/// What `tracker artifact get` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Copied<'a> {
    pub(crate) run: &'a str,
    pub(crate) artifact: &'a ArtifactVersion,
    pub(crate) path: Cow<'a, str>,
    pub(crate) bytes: u64,
}
