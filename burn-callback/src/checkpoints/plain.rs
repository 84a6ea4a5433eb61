//! Makes sure that nothing in a run's folder leads a training elsewhere.
//!
//! A run may come from somebody else, and go on all the same. Burn opens its files by their paths
//! and follows links, so what a link leads to, which is up to whoever made it, is looked at before
//! Burn begins. A folder outside of the run's is one that the program names: a link may lead to it.

use std::{
    io,
    path::{Path, PathBuf},
};

use tracker_core::adapter::checkpoints::files::{NotReal, check_file, check_folder, check_folders};

use super::{FOLDER, ResumeError, superseded_files::SUPERSEDED};

/// The folders that Burn and this crate keep in a training's.
const FOLDERS: [&str; 4] = [FOLDER, "train", "valid", SUPERSEDED];
/// The file that Burn keeps there.
const LOG: &str = "experiment.log";

/// Checks that no link leads from the run's folder to where Burn reads and writes.
///
/// # Errors
/// If one does, or something cannot be looked at.
pub(crate) fn check(run: &Path, directory: &Path) -> Result<(), ResumeError> {
    let (run, directory) = (absolute(run), absolute(directory));
    if !directory.starts_with(&run) {
        return Ok(());
    }
    check_folders(&run, &directory).map_err(error)?;
    for name in FOLDERS {
        check_folder(&directory.join(name)).map_err(error)?;
        check_folder(&directory.join(SUPERSEDED).join(name)).map_err(error)?;
    }
    check_file(&directory.join(LOG)).map_err(error)
}

fn error(found: NotReal) -> ResumeError {
    let text = "it is a link, or not what a training leaves there, and no link is followed in a \
                run's folder; to train elsewhere, give `SupervisedTraining::new` and \
                `TrackOptions::directory` a folder of your own";
    ResumeError::io("open", &found.path, found.error.unwrap_or_else(|| io::Error::other(text)))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn a_link_within_the_runs_folder_is_refused() {
        for name in FOLDERS.into_iter().chain([LOG, "superseded/train"]) {
            let (run, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let files = run.path().join("files");
            fs::create_dir_all(files.join(name).parent().unwrap()).unwrap();
            check(run.path(), &files).unwrap();
            symlink(elsewhere.path(), files.join(name)).unwrap();
            let told = check(run.path(), &files).unwrap_err().to_string();
            assert!(told.contains(name) && told.contains("no link is followed"), "{told}");
        }
    }

    #[test]
    fn a_link_on_the_way_to_the_training_is_refused_and_one_outside_of_the_run_is_not() {
        let (run, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = run.path().join("files");
        symlink(elsewhere.path(), &link).unwrap();
        assert!(check(run.path(), &link).is_err());
        assert!(check(&run.path().join("another"), &link).is_ok());
    }
}
