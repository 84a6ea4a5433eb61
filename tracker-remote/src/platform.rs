//! What differs from one operating system to another.

use std::{io, path::Path};

/// Lets nobody but this user into a folder.
#[cfg(unix)]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

/// Elsewhere a user's folders are the user's own.
#[cfg(not(unix))]
pub(crate) fn make_private(_folder: &Path) -> io::Result<()> {
    Ok(())
}
