//! Moves away what a training that goes on from an earlier epoch will do again.
//!
//! Burn takes the best epoch from its own metric files, one folder an epoch, and stops at the
//! first epoch that has none; its summary counts the folders. What an earlier attempt left of
//! later epochs would be read as if the new attempt had written it.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder `files` is a person's own; the core has seen that it is no link"
)]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{FOLDER, ResumeError, part::Part};

/// The folder below the training's own that takes what is moved. Burn's summary looks one level
/// deep into each folder for epochs, so nothing that is named like one may lie right in it.
pub(crate) const SUPERSEDED: &str = "superseded";
/// The folders below the training's own in which Burn keeps its metric files.
const SPLITS: [&str; 2] = ["train", "valid"];

/// A file or folder that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// Where it was.
    pub from: PathBuf,
    /// Where it is.
    pub to: PathBuf,
}

/// Moves Burn's metric files and checkpoints of all epochs after `epoch` to `superseded` below
/// `directory`, which is what `SupervisedTraining::new` gets. Nothing is deleted: what was moved
/// there earlier keeps its name, and what comes gets one of its own.
///
/// To be called before a training goes on from the checkpoint of `epoch`.
///
/// # Errors
/// If a folder cannot be listed, or something cannot be moved. What was moved until then stays
/// where it is, and a second call moves the rest.
pub fn set_aside(directory: impl AsRef<Path>, epoch: usize) -> Result<Vec<Moved>, ResumeError> {
    let directory = directory.as_ref();
    let mut moved = Vec::new();
    for split in SPLITS {
        move_all(directory, split, &|name| epoch_of_folder(name).is_some_and(|of| of > epoch))
            .map(|newly| moved.extend(newly))?;
    }
    let later = |name: &str| Part::of_file(name).is_some_and(|(_, of)| of > epoch as u64);
    moved.extend(move_all(directory, FOLDER, &later)?);
    Ok(moved)
}

/// Burn reads any folder that begins with `epoch-` and goes on with a number.
fn epoch_of_folder(name: &str) -> Option<usize> {
    name.strip_prefix("epoch-")?.parse().ok()
}

fn move_all(
    directory: &Path,
    folder: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Moved>, ResumeError> {
    let from = directory.join(folder);
    let names = names(&from).map_err(|source| ResumeError::io("list", &from, source))?;
    let names: Vec<String> = names.into_iter().filter(|name| wanted(name)).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let to = directory.join(SUPERSEDED).join(folder);
    fs::create_dir_all(&to).map_err(|source| ResumeError::io("create", &to, source))?;
    names.iter().map(|name| move_one(&from.join(name), &to, name)).collect()
}

fn move_one(from: &Path, folder: &Path, name: &str) -> Result<Moved, ResumeError> {
    let to = free_name(folder, name).map_err(|source| ResumeError::io("list", folder, source))?;
    fs::rename(from, &to).map_err(|source| ResumeError::io("move", from, source))?;
    Ok(Moved { from: from.to_owned(), to })
}

/// `name`, or `name` with the first number from 2 that nothing in the folder has.
fn free_name(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let mut path = folder.join(name);
    let mut number = 1;
    while exists(&path)? {
        number += 1;
        path = folder.join(format!("{name}.{number}"));
    }
    Ok(path)
}

/// Whether something has that name, a broken link included.
fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The names in a folder, in their order; none if there is no such folder.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        result => result?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use burn::train::LearnerSummary;

    use super::*;

    /// A training's folder with the files of this many epochs.
    fn trained(epochs: usize) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        (1..=epochs).for_each(|epoch| train(directory.path(), epoch));
        directory
    }

    fn train(directory: &Path, epoch: usize) {
        for split in SPLITS {
            let folder = directory.join(split).join(format!("epoch-{epoch}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("Loss.log"), format!("{epoch}.5,1\n")).unwrap();
        }
        let folder = directory.join(FOLDER);
        fs::create_dir_all(&folder).unwrap();
        for part in Part::ALL {
            fs::write(part.file(&folder, epoch as u64), format!("{epoch}")).unwrap();
        }
    }

    fn names_in(directory: &Path, folder: &str) -> BTreeSet<String> {
        names(&directory.join(folder)).unwrap().into_iter().collect()
    }

    fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
        names.map(str::to_owned).into()
    }

    #[test]
    fn later_epochs_are_moved_and_earlier_ones_stay() {
        let directory = trained(11);
        let moved = set_aside(directory.path(), 9).unwrap();
        assert_eq!(moved.len(), 2 * (2 + 3), "{moved:?}");
        for one in &moved {
            assert!(!one.from.exists() && one.to.exists(), "{one:?}");
        }
        let later = set(["epoch-10", "epoch-11"]);
        for split in SPLITS {
            assert_eq!(names_in(directory.path(), split).len(), 9);
            assert_eq!(names_in(directory.path(), &format!("{SUPERSEDED}/{split}")), later);
        }
        assert_eq!(names_in(directory.path(), FOLDER).len(), 9 * 3);
        assert!(set_aside(directory.path(), 9).unwrap().is_empty());
    }

    #[test]
    fn burns_summary_does_not_count_what_was_moved() {
        let directory = trained(5);
        set_aside(directory.path(), 3).unwrap();
        let summary = LearnerSummary::new(directory.path(), &["Loss"]).unwrap();
        assert_eq!(summary.epochs, 3);
    }

    #[test]
    fn what_was_moved_before_is_kept() {
        let directory = trained(2);
        for _ in 0..3 {
            set_aside(directory.path(), 1).unwrap();
            train(directory.path(), 2);
        }
        let superseded = directory.path().join(SUPERSEDED);
        assert_eq!(names_in(&superseded, "valid"), set(["epoch-2", "epoch-2.2", "epoch-2.3"]));
        let models = set(["model-2.bpk", "model-2.bpk.2", "model-2.bpk.3"]);
        assert!(names_in(&superseded, FOLDER).is_superset(&models));
    }

    #[test]
    fn files_of_others_and_folders_that_are_not_there_are_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        assert!(set_aside(directory.path(), 1).unwrap().is_empty());
        assert!(!directory.path().join(SUPERSEDED).exists());
        let others = ["train/epoch-", "train/epoch-x", "train/notes", "checkpoint/best-7.bpk"];
        for other in others {
            let path = directory.path().join(other);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert!(set_aside(directory.path(), 0).unwrap().is_empty());
    }

    #[test]
    fn a_folder_that_cannot_be_listed_is_an_error_with_a_hint() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("train"), "").unwrap();
        let error = set_aside(directory.path(), 1).unwrap_err();
        assert!(matches!(&error, ResumeError::Io { action: "list", .. }), "{error}");
        assert!(error.to_string().contains("hint: "), "{error}");
    }
}
