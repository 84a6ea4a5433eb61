//! Errors of files, with their names.

use std::{io, path::Path};

use crate::Error;

/// Makes an [`Error`] of what the operating system said of a file or folder.
pub(crate) fn failed(
    action: &'static str,
    path: &Path,
    hint: &'static str,
) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { action, path, hint, source }
}
