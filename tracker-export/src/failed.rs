//! Errors of files, with their names.

use std::{io, path::Path};

use crate::Error;

/// Makes an [`Error`] of what the operating system said of a file or folder. It costs nothing where all goes well, so that
/// each record of a file may ask for it.
pub(crate) fn failed(
    action: &'static str,
    path: &Path,
    hint: &'static str,
) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { action, path: path.to_owned(), hint, source }
}
