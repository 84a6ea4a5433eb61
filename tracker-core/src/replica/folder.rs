//! The folder of one run.

use std::path::Path;

use crate::{Result, error::IoContext, format::layout::RunPaths};

/// The folder of a run, held open. Nothing in it is reached by a link, whoever wrote it.
#[derive(Debug)]
pub struct RunFolder {
    pub(super) paths: RunPaths,
}

impl RunFolder {
    /// Opens the folder of a run in a store.
    ///
    /// # Errors
    /// If there is no such folder, or it cannot be read.
    pub fn open(folder: &Path) -> Result<Self> {
        let hint = "name the folder of a run, as `tracker show` tells it";
        let paths = RunPaths::in_store(folder).hold().io_context("open", folder, hint)?;
        Ok(Self { paths })
    }
}
