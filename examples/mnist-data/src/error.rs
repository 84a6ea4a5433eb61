//! What can go wrong when MNIST is read.

use std::{fmt, io, path::PathBuf};

/// Why MNIST could not be read. Each text names the file and, after `hint:`, the way out.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One of the four files is not in the folder.
    #[error(
        "no file {name} in {}\n\
         hint: the folder must hold the four MNIST files, gzipped (`{name}.gz`) or not",
        folder.display()
    )]
    Missing {
        /// The usual name of the file.
        name: &'static str,
        /// The folder that was searched.
        folder: PathBuf,
    },

    /// A file could not be read or unpacked.
    #[error("failed to read {}: {source}\nhint: download the file again", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system or the gzip reader said.
        source: io::Error,
    },

    /// A file is not in the format that its name says.
    #[error("{} is no MNIST file: {reason}\nhint: download the file again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// The same words as `Display`, so that `fn main() -> Result<(), Error>` ends readably.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
