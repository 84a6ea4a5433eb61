//! The files of checkpoints, none of which is reached through a link.
//!
//! A run may come from somebody else, and go on all the same. What a link in its folder leads to is
//! up to whoever made it, so folders within the run's are real ones, and a checkpoint is a plain
//! file. A folder outside of the run's is one that the program names: a link may lead to it.

#![expect(
    clippy::disallowed_methods,
    reason = "each file is looked at before: no link is followed in a run's folder"
)]

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::{
    RunContext, Tracker,
    adapter::checkpoints::files::{self, plain_length},
};

/// The folder of a tracker's run, if it has one.
pub(crate) fn run_folder(tracker: &dyn Tracker) -> Option<PathBuf> {
    tracker.context().map(absolute)
}

/// The run's folder, whatever the process's working folder will be.
pub(crate) fn absolute(run: &dyn RunContext) -> PathBuf {
    std::path::absolute(run.path()).unwrap_or_else(|_| run.path().to_owned())
}

/// Checks that each folder on the way from the run's to this one is no link. One that is not there
/// yet is none.
///
/// # Errors
/// If one is a link or a file, or cannot be looked at.
pub(crate) fn check_folders(run: Option<&Path>, folder: &Path) -> io::Result<()> {
    let Some(run) = run else { return Ok(()) };
    files::check_folders(run, folder)
        .map_err(|found| found.error.unwrap_or_else(|| not_real(&found.path)))
}

fn not_real(place: &Path) -> io::Error {
    let text = format!(
        "{} is no folder but a link or a file, and no link is followed in a run's folder; to save \
         elsewhere, name the place with `CheckpointOptions::new().folder(..)`",
        place.display()
    );
    io::Error::new(io::ErrorKind::NotADirectory, text)
}

/// Opens a plain file to read it.
///
/// # Errors
/// If there is none, something else is in its place, or it cannot be read.
pub fn open(path: &Path) -> io::Result<File> {
    plain_length(path)?;
    File::open(path)
}

/// Makes a file. What has its name is removed: what a killed process left, or a link that somebody
/// put there, which is never written through.
///
/// # Errors
/// If it cannot be made.
pub fn create(path: &Path) -> io::Result<File> {
    match File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            File::create_new(path)
        }
        created => created,
    }
}
