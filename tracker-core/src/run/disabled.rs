//! The folder of a run that stores nothing.

#![expect(clippy::disallowed_methods, reason = "it is in no store")]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
};

use crate::{Result, RunId, console::notice, error::IoContext};

/// A temporary folder that goes with its run, unless there are files in it.
#[derive(Debug)]
pub(crate) struct TemporaryFolder {
    path: PathBuf,
    /// A forked child leaves it alone.
    process: u32,
}

impl TemporaryFolder {
    /// Makes the folder, with one in it for the user's files.
    ///
    /// # Errors
    /// If there is no place for temporary files.
    pub(crate) fn create(run: &RunId) -> Result<Self> {
        let path = env::temp_dir().join(format!("tracker-disabled-{run}"));
        let folder = Self { path, process: process::id() };
        let (files, hint) = (folder.files(), "set TMPDIR to a folder that can be written");
        fs::create_dir_all(&files).io_context("create", &files, hint)?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.path.join("files")
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if self.process != process::id() {
            return;
        }
        if let Err(error) = remove_empty(&self.path)
            && error.kind() == io::ErrorKind::DirectoryNotEmpty
        {
            notice::info(&format!(
                "tracker: nothing was tracked; the files of the run stay in {}",
                self.files().display()
            ));
        }
    }
}

/// Removes a folder and the folders in it. Stops at the first file, and follows no link.
fn remove_empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        remove_empty(&entry.path())?;
    }
    fs::remove_dir(folder)
}
