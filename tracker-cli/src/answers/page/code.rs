//! What was changed in the code of runs.

use serde::Serialize;
use tracker_core::read::{ChangedFile, PatchKept};

/// What a run's own page has of its code; the patch is asked for when it is read.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunCode {
    pub(crate) commit: Option<String>,
    #[cfg_attr(test, ts(type = "Array<ChangedFile>"))]
    pub(crate) files: Vec<ChangedFile>,
    pub(crate) files_cut: bool,
    #[cfg_attr(test, ts(type = "string"))]
    pub(crate) patch_kept: PatchKept,
}

/// What `/runs/ID/patch` answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RunPatch {
    pub(crate) diff: Option<String>,
    pub(crate) diff_cut: bool,
}

/// What a comparison has of a run's code.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Code {
    pub(crate) commit: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) dirty: Option<bool>,
    /// Null where nobody knows.
    #[cfg_attr(test, ts(type = "Array<ChangedFile> | null"))]
    pub(crate) files: Option<Vec<ChangedFile>>,
    pub(crate) files_cut: bool,
    pub(crate) diff: Option<String>,
    pub(crate) diff_cut: bool,
}
