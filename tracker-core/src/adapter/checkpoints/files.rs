//! What adapters look at before they trust the files of checkpoints.
//!
//! A run may come from somebody else, and go on all the same. What a link in its folder leads to is
//! up to whoever made it, so folders within the run's are real ones, and a checkpoint is a plain
//! file. A folder outside of the run's is one that the program names: a link may lead to it.

#![expect(
    clippy::disallowed_methods,
    reason = "looks at entries themselves; a framework opens them by their paths"
)]

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use crate::{Artifact, Result};

/// Something on the way to checkpoints that may lead elsewhere.
#[derive(Debug)]
pub struct NotReal {
    /// Where it is.
    pub path: PathBuf,
    /// Why it could not be looked at; `None` if it is a link, or not what should be there.
    pub error: Option<io::Error>,
}

/// Checks that each folder on the way from the run's to this one is a real one. Both paths are
/// absolute; a folder that is not within the run's is not looked at.
///
/// # Errors
/// With the first one that is a link or a file, or cannot be looked at.
pub fn check_folders(run: &Path, folder: &Path) -> std::result::Result<(), NotReal> {
    let Ok(inside) = folder.strip_prefix(run) else { return Ok(()) };
    let mut path = run.to_owned();
    for name in inside {
        path.push(name);
        check_folder(&path)?;
    }
    Ok(())
}

/// Checks that a folder is a real one. One that is not there leads nowhere.
///
/// # Errors
/// If it is a link or a file, or cannot be looked at.
pub fn check_folder(path: &Path) -> std::result::Result<(), NotReal> {
    check(path, Metadata::is_dir)
}

/// Checks that a file is a plain one. One that is not there leads nowhere.
///
/// # Errors
/// If it is a link or no file, or cannot be looked at.
pub fn check_file(path: &Path) -> std::result::Result<(), NotReal> {
    check(path, Metadata::is_file)
}

fn check(path: &Path, is_right: fn(&Metadata) -> bool) -> std::result::Result<(), NotReal> {
    let error = match fs::symlink_metadata(path) {
        Ok(found) if is_right(&found) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.err(),
    };
    Err(NotReal { path: path.to_owned(), error })
}

/// The length of a plain file, in bytes.
///
/// # Errors
/// If there is none, something else is in its place, or it cannot be looked at.
pub fn plain_length(path: &Path) -> io::Result<u64> {
    let found = fs::symlink_metadata(path)?;
    if found.is_file() {
        return Ok(found.len());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "it is a link, a folder or a pipe, and no plain file",
    ))
}

/// How a file differs from what was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// It has another size, both in bytes.
    Size {
        /// The size in the index.
        saved: u64,
        /// The file's.
        found: u64,
    },
    /// It has the size and other bytes.
    Content,
}

/// Compares a file of this [length](plain_length) with its entry in the run's index: first the
/// size, and only where that is the same the hash, for which the whole file is read. What the entry
/// does not know is not compared.
///
/// # Errors
/// If the file cannot be read.
pub fn difference(path: &Path, length: u64, entry: &Artifact) -> Result<Option<Difference>> {
    if let Some(saved) = entry.bytes.filter(|saved| *saved != length) {
        return Ok(Some(Difference::Size { saved, found: length }));
    }
    let Some(saved) = &entry.sha256 else { return Ok(None) };
    let found = Artifact::of_file("", "", path)?;
    Ok((found.sha256.as_ref() != Some(saved)).then_some(Difference::Content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_place_of_a_folder_is_told_with_its_path() {
        let run = tempfile::tempdir().unwrap();
        let folder = run.path().join("files/checkpoint");
        check_folders(run.path(), &folder).unwrap();
        fs::write(run.path().join("files"), "").unwrap();
        let told = check_folders(run.path(), &folder).unwrap_err();
        assert_eq!(told.path, run.path().join("files"));
        assert!(told.error.is_none(), "it can be looked at");
        check_file(&told.path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_within_the_runs_folder_is_refused_and_one_outside_is_not() {
        let (run, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = run.path().join("files");
        std::os::unix::fs::symlink(elsewhere.path(), &link).unwrap();
        let folder = link.join("checkpoint");
        assert_eq!(check_folders(run.path(), &folder).unwrap_err().path, link);
        check_folders(&run.path().join("another"), &folder).unwrap();
        assert!(check_file(&link).is_err());
        assert_eq!(plain_length(&link).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_file_is_compared_with_as_much_as_its_entry_knows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        fs::write(&path, "weights").unwrap();
        let saved = Artifact::of_file("model", "1", &path).unwrap();
        let compared =
            |entry: &Artifact| difference(&path, plain_length(&path).unwrap(), entry).unwrap();
        assert_eq!(compared(&saved), None);
        fs::write(&path, "Weights").unwrap();
        assert_eq!(compared(&saved), Some(Difference::Content));
        assert_eq!(compared(&Artifact { sha256: None, ..saved.clone() }), None);
        fs::write(&path, "weight").unwrap();
        assert_eq!(compared(&saved), Some(Difference::Size { saved: 7, found: 6 }));
        assert_eq!(compared(&Artifact::new("model", "1")), None);
        fs::remove_file(&path).unwrap();
        assert_eq!(plain_length(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
