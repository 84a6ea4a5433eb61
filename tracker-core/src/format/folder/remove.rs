//! Removing what is in a store, and never anything that is not.

use std::{ffi::OsStr, io};

use super::StorePath;
use crate::platform::files::{self as system, AsFolder};

/// How deep folders may be nested that are removed or measured: each keeps one open.
const DEEPEST: usize = 256;

impl StorePath {
    /// Removes this file; of a link, the link itself.
    pub(crate) fn remove(&self) -> io::Result<()> {
        self.check_written_here()?;
        system::remove(self.open_parent()?, self.last())
    }

    /// Removes this folder if it is empty.
    pub(crate) fn remove_empty(&self) -> io::Result<()> {
        self.check_written_here()?;
        system::remove_folder(self.open_parent()?, self.last())
    }

    /// Removes this file or folder with all that is in it. A link in it is removed as a link: what
    /// it leads to stays.
    pub(crate) fn remove_all(&self) -> io::Result<()> {
        self.check_written_here()?;
        remove_all(&self.open_parent()?, self.last(), DEEPEST)
    }

    /// The bytes of all files in this folder, or of this file. What cannot be read counts nothing.
    pub(crate) fn size(&self) -> u64 {
        match self.open_parent() {
            Ok(parent) => size(&parent, self.last(), DEEPEST),
            Err(_) => self.list().map_or(0, |folder| sizes(&folder, DEEPEST)),
        }
    }
}

fn remove_all(folder: &impl AsFolder, name: &OsStr, deepest: usize) -> io::Result<()> {
    if !system::look(folder, name)?.is_folder() {
        return system::remove(folder, name);
    }
    let Some(deepest) = deepest.checked_sub(1) else {
        return Err(io::Error::other("its folders are nested too deep"));
    };
    let inner = system::list(folder, name)?;
    for entry in system::names(system::list_again(&inner)?)? {
        match remove_all(&inner, &entry, deepest) {
            // Somebody else has removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    system::remove_folder(folder, name)
}

fn size(folder: &impl AsFolder, name: &OsStr, deepest: usize) -> u64 {
    match system::look(folder, name) {
        Ok(look) if look.is_folder() => {
            let inner = deepest.checked_sub(1).zip(system::list(folder, name).ok());
            inner.map_or(0, |(deepest, inner)| sizes(&inner, deepest))
        }
        Ok(look) => look.length,
        Err(_) => 0,
    }
}

fn sizes(folder: &impl AsFolder, deepest: usize) -> u64 {
    let names = system::list_again(folder).and_then(system::names).unwrap_or_default();
    names.iter().map(|name| size(folder, name, deepest)).sum()
}
