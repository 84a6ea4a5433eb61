//! Tells whether a file is still the one that it was, and makes an artifact only of one that is.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder `files` is a person's own; the core has seen that it is no link"
)]

use std::{fs, fs::Metadata, io, path::Path, time::SystemTime};

use tracker_core::Artifact;

use crate::platform::file_number;

/// Tells a file from one that has taken its place, and from what it was before it was written
/// to, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    bytes: u64,
    pub(crate) modified: Option<SystemTime>,
    /// The file's number on its disk, where there are such numbers.
    number: u64,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            number: file_number(metadata),
        }
    }

    /// The stamp of the file at `path`; `None` if there is none.
    ///
    /// # Errors
    /// If the file's folder cannot be read, or it is no file.
    pub(crate) fn at(path: &Path) -> io::Result<Option<Self>> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(Self::of(&metadata))),
            Ok(_) => Err(io::Error::other("it is no file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The artifact of the file at `path`, read from beginning to end; `None` if the file is gone or
/// is not the one with this stamp any more.
///
/// # Errors
/// What hindered reading.
pub(crate) fn artifact(
    name: &str,
    version: &str,
    path: &Path,
    stamp: Stamp,
) -> Result<Option<Artifact>, String> {
    let artifact = Artifact::of_file(name, version, path);
    let same = Stamp::at(path).map_err(|error| error.to_string())? == Some(stamp);
    match artifact {
        _ if !same => Ok(None),
        Ok(artifact) => Ok(Some(artifact)),
        Err(tracker_core::Error::Io { source, .. }) => Err(source.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_took_anothers_place_is_told_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "old").unwrap();
        fs::write(&other, "new").unwrap();
        let before = Stamp::at(&path).unwrap().unwrap();
        assert_eq!(Stamp::at(&path).unwrap(), Some(before));
        assert!(artifact("a", "1", &path, before).unwrap().is_some());
        fs::rename(&other, &path).unwrap();
        assert_ne!(Stamp::at(&path).unwrap(), Some(before));
        assert_eq!(artifact("a", "1", &path, before), Ok(None), "its hash would be another's");
    }

    #[test]
    fn a_file_that_is_gone_has_no_stamp() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Stamp::at(&folder.path().join("a")).unwrap(), None);
        assert!(Stamp::at(folder.path()).is_err());
    }
}
