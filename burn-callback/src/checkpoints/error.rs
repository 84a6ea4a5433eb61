//! Why a training cannot go on from a checkpoint.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use tracker_core::adapter::checkpoints::NotFound;

use super::part::Part;

/// Why a training cannot go on from a checkpoint.
///
/// Each text names the thing and, after `hint:`, the way out. `Debug` prints the same text.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// There is no checkpoint of any epoch.
    #[error(
        "no checkpoint in {}\nhint: a training can be resumed if it had \
         `.with_default_checkpointers()`, or a loop called `hooks.checkpoint(..)`, and ended its \
         first epoch; start a new run otherwise",
        folder.display()
    )]
    NoCheckpoint {
        /// The folder that was searched.
        folder: PathBuf,
    },

    /// The run knows of checkpoints, and not one file of them is left.
    #[error(
        "the checkpoints of {} are gone: {} was emptied before `.resume`\nhint: a program that \
         empties its folder first, as examples do in `create_artifact_dir`, must leave it alone if \
         `run.is_resumed()`; bring the files back if you have a copy of them, start a new run \
         otherwise",
        of_epochs(epochs),
        folder.display()
    )]
    Emptied {
        /// The folder that was searched.
        folder: PathBuf,
        /// The epochs whose checkpoints the run knows of, the newest first.
        epochs: Vec<usize>,
    },

    /// A fork is trained in a folder that lies elsewhere and has checkpoints of other runs.
    #[error(
        "the checkpoints in {} are not those of this run, which was forked from another one: its own is in \
         {}\nhint: train in the run's own folder, with `SupervisedTraining::new(run.dir(), ..)`",
        folder.display(),
        own.display()
    )]
    FolderOfOthers {
        /// The folder in which the training saves.
        folder: PathBuf,
        /// The run's own folder.
        own: PathBuf,
    },

    /// There are checkpoints, but of none are all files there and whole.
    #[error(
        "no checkpoint in {} is whole: {}\nhint: bring the files back if you have a copy of \
         them; start a new run otherwise",
        folder.display(),
        join(checkpoints)
    )]
    Incomplete {
        /// The folder that was searched.
        folder: PathBuf,
        /// What is missing or damaged, the newest checkpoint first.
        checkpoints: Vec<IncompleteCheckpoint>,
    },

    /// A loop saved checkpoints, but none is whole.
    #[error(
        "no checkpoint of the resumed run is whole: {}\nhint: bring a file back if you have a \
         copy of it, or start a new run",
        checkpoints.join("; ")
    )]
    Damaged {
        /// What is wrong with each, the newest first.
        checkpoints: Vec<String>,
    },

    /// The checkpoint of a loop is not of this model. Model and optimizer are as they were.
    #[error(
        "checkpoint {} does not fit: {reason}\nhint: make the model and its optimizer as they were \
         when it was saved",
        path.display()
    )]
    NotFitting {
        /// The file.
        path: PathBuf,
        /// What Burn said.
        reason: String,
    },

    /// Nothing is stored of the run, so nothing is known of its checkpoints.
    #[error("run {run} is not stored\nhint: unset TRACKER_MODE to resume a training")]
    NotStored {
        /// The run's name.
        run: String,
    },

    /// The store does not say what it knows of the run's checkpoints.
    #[error("failed to read what is known of the checkpoints: {source}")]
    Store {
        /// What the store said; it has a hint of its own.
        source: tracker_core::Error,
    },

    /// A file or folder of the training could not be read or moved.
    #[error(
        "failed to {action} {}: {source}\nhint: check the permissions, and that no other \
         process trains there",
        path.display()
    )]
    Io {
        /// What was tried, such as `list`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl fmt::Debug for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<NotFound> for ResumeError {
    fn from(error: NotFound) -> Self {
        match error {
            NotFound::Never { folder } => Self::NoCheckpoint { folder },
            NotFound::Damaged { checkpoints } => Self::Damaged { checkpoints },
            NotFound::Index(source) => Self::Store { source },
        }
    }
}

impl ResumeError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}

/// A checkpoint from which no training can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncompleteCheckpoint {
    /// The epoch after which it was saved, from 1.
    pub epoch: usize,
    /// The files that are missing or damaged, at least one.
    pub files: Vec<DamagedFile>,
}

/// A file of a checkpoint that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DamagedFile {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// It is not there.
    Missing,
    /// It cannot be read, for the reason given.
    Unreadable(String),
    /// It has another size than when it was saved.
    Size {
        /// How many bytes were saved.
        saved: u64,
        /// How many bytes are there.
        found: u64,
    },
    /// It has other bytes than when it was saved.
    Content,
    /// Burn cannot load it, for the reason given.
    NotLoadable(String),
}

impl IncompleteCheckpoint {
    /// Whether not one of its files is there.
    pub(super) fn is_gone(&self) -> bool {
        self.files.len() == Part::ALL.len()
            && self.files.iter().all(|file| file.flaw == Flaw::Missing)
    }
}

impl fmt::Display for IncompleteCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "of epoch {}, {}", self.epoch, join(&self.files))
    }
}

impl fmt::Display for DamagedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        write!(f, "{} {}", name.display(), self.flaw)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Unreadable(reason) => write!(f, "cannot be read ({reason})"),
            Self::Size { saved, found } => {
                write!(f, "has {found} bytes, where {saved} were saved")
            }
            Self::Content => f.write_str("has other bytes than were saved"),
            Self::NotLoadable(reason) => write!(f, "cannot be loaded ({reason})"),
        }
    }
}

fn of_epochs(epochs: &[usize]) -> String {
    let word = if epochs.len() == 1 { "epoch" } else { "epochs" };
    format!("{word} {}", join(epochs))
}

fn join(parts: &[impl ToString]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
