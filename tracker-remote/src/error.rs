//! What can go wrong beyond this machine.

use std::{io, path::PathBuf};

/// The result of a fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be sent or fetched. Each text names the thing and, after `hint:`, the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store on this machine could not be read or written.
    #[error(transparent)]
    Store(#[from] tracker_core::Error),

    /// A file on this machine could not be read or written.
    #[error("failed to {action} {}: {source}\nhint: {hint}", path.display())]
    Io {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The way out.
        hint: &'static str,
        /// What the operating system said.
        source: io::Error,
    },

    /// A place cannot be what somebody wrote.
    #[error("`{place}` is no place for runs: {reason}\nhint: {hint}")]
    NoPlace {
        /// What was written.
        place: String,
        /// What is wrong with it.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// A variable of the environment cannot be what somebody set it to.
    #[error("{setting} is `{said}`, which is none of its values\nhint: {hint}")]
    Setting {
        /// The variable.
        setting: &'static str,
        /// What it is, shortened if it is long.
        said: String,
        /// The way out.
        hint: String,
    },

    /// A place did not answer, or did not do what it was asked. Later it may.
    #[error("failed to {action} at {place}: {source}\nhint: {hint}")]
    Away {
        /// What was tried, such as `list`.
        action: &'static str,
        /// The place, as a person names it.
        place: String,
        /// The way out.
        hint: String,
        /// What the place or the network said.
        source: Box<object_store::Error>,
    },

    /// What lies in a place is of another folder than the one that is sent. Nothing was replaced, and trying again does
    /// not help.
    #[error("run {run} is not sent to {place} any more: {reason}\nhint: {hint}")]
    Elsewhere {
        /// The run's id.
        run: String,
        /// The place, as a person names it.
        place: String,
        /// How that is known.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// Another study of this name lies in a place. Nothing was replaced, and trying again does not help.
    #[error(
        "study {study} is not sent to {place}: another one of this name lies there\nhint: {hint}"
    )]
    OtherStudy {
        /// The study, with its project.
        study: String,
        /// The place, as a person names it.
        place: String,
        /// The way out.
        hint: &'static str,
    },

    /// A run is here with other contents than a place has. Nothing of it was changed.
    #[error("run {run} was left as it is here: {reason}\nhint: {hint}")]
    Here {
        /// The run's name, or its id.
        run: String,
        /// Why it was left.
        reason: String,
        /// The way out.
        hint: String,
    },

    /// What lies in a place is not what tracker puts there. Trying again does not help.
    #[error("{object} cannot be used: {reason}\nhint: {hint}")]
    Damaged {
        /// The object's name in the place.
        object: String,
        /// What is wrong with it.
        reason: String,
        /// The way out.
        hint: String,
    },
}

impl Error {
    pub(crate) fn damaged(object: impl Into<String>, reason: impl Into<String>) -> Self {
        let object = object.into();
        let hint = format!(
            "where the run was trained, `tracker sync --check` names all that is wrong; what was removed there ({object}), \
             `tracker sync` sends again"
        );
        Self::Damaged { object, reason: reason.into(), hint }
    }
}
