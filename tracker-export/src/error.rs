//! What can go wrong on the way to another tool, or from it.

use std::{io, path::PathBuf};

/// The result of a fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a run could not be exported or imported. Each text names the thing and, after `hint:`, the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The tracker's own store could not be read or written.
    #[error(transparent)]
    Store(#[from] tracker_core::Error),

    /// A file or folder of the other tool could not be read or written.
    #[error("failed to {action} {}: {source}\nhint: {hint}", path.display())]
    Io {
        /// What was tried, such as `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The way out.
        hint: &'static str,
        /// What the operating system said.
        source: io::Error,
    },

    /// The other tool's server does not answer, or says that it cannot now.
    #[error("{what}\nhint: {hint}")]
    Unanswered {
        /// Which server it is, and what happened.
        what: String,
        /// The way out.
        hint: String,
    },

    /// What was given cannot be used.
    #[error("{what}\nhint: {hint}")]
    Unusable {
        /// What is given and what is wrong with it.
        what: String,
        /// The way out.
        hint: String,
    },
}

impl Error {
    /// Whether it may be over some time later: a disk that is full, a server that is down. What cannot be used at all
    /// never can.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Unusable { .. })
    }

    /// Whether the place itself cannot be written: no such folder, no right to.
    pub(crate) fn is_of_the_place(&self) -> bool {
        use io::ErrorKind as Kind;
        matches!(
            self,
            Self::Io { source, .. } if matches!(
                source.kind(),
                Kind::NotFound | Kind::PermissionDenied | Kind::NotADirectory | Kind::IsADirectory
                    | Kind::AlreadyExists | Kind::ReadOnlyFilesystem | Kind::InvalidFilename
            )
        )
    }
}
