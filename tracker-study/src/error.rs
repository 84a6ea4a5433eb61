//! What can go wrong in a study.

use std::{io, path::PathBuf};

/// The result of a fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a study could not begin or go on. Each text names the thing and, after `hint:`, the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The tracker's own store could not be read or written.
    #[error(transparent)]
    Store(#[from] tracker_core::Error),

    /// A file of the study could not be read or written.
    #[error("failed to {action} {}: {source}\nhint: {hint}", path.display())]
    Io {
        /// What was tried, such as `append to`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The way out.
        hint: &'static str,
        /// What the operating system said.
        source: io::Error,
    },

    /// What was given cannot be used: a plan with a typo, a range that is empty, a journal that is no journal.
    #[error("{what}\nhint: {hint}")]
    Unusable {
        /// What is given and what is wrong with it.
        what: String,
        /// The way out.
        hint: String,
    },

    /// A training of the study said that it failed, and the study does not go on without it.
    #[error("{what}\nhint: {hint}")]
    Training {
        /// Which trials failed, and what the last one said.
        what: String,
        /// The way out.
        hint: String,
    },
}

impl Error {
    pub(crate) fn unusable(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unusable { what: what.into(), hint: hint.into() }
    }
}
