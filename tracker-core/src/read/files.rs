//! What readers ask of the files of a run.

use std::{io, path::PathBuf, sync::Arc};

use crate::{
    Writer,
    format::{
        folder::{Ranged, StorePath},
        layout::RunPaths,
    },
    read::file_stamp::Stamp,
};

/// A reader names a file as the run's folder has it, such as `run.json` or `scalars/r0a1-0-99.parquet`. Where it lies is the
/// matter of `format/folder`: below a mount, it is brought first.
///
/// Calls block, and may come from several threads. A file that is not there is an error of the kind
/// `NotFound`. What is read may come from a stranger: no link is followed, what is no plain file is not given, and no more is
/// read than was asked for.
impl RunPaths {
    /// The names of what is in a folder of the run, itself the empty one; none if it is not there.
    pub(crate) fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        if folder.is_empty() { self.folder().names() } else { self.below(folder).names() }
    }

    /// What tells whether a file has changed; that of no file if it is not there.
    pub(crate) fn stamp(&self, name: &str) -> Stamp {
        Stamp::of(&self.below(name))
    }

    /// A whole file of at most `limit` bytes, and its stamp.
    pub(crate) fn read(&self, name: &str, limit: u64) -> io::Result<(Vec<u8>, Stamp)> {
        let (bytes, look) = self.below(name).read_and_look(limit)?;
        Ok((bytes, look.into()))
    }

    /// The first bytes of a file, at most `most`.
    pub(crate) fn read_beginning(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        self.below(name).read_beginning(most)
    }

    /// Opens a file to read some of it.
    pub(crate) fn open(&self, name: &str) -> io::Result<(Arc<dyn Ranged>, Stamp)> {
        let (file, look) = self.below(name).open_ranged()?;
        Ok((file, look.into()))
    }

    /// Adds a line of JSON, whole or not at all, whoever else adds one meanwhile. Makes the file if
    /// there is none.
    pub(crate) fn append(&self, name: &str, line: &serde_json::Value) -> io::Result<()> {
        self.below(name).append_line(line)
    }

    /// How a file is told to people.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.below(name).to_path_buf()
    }

    /// All writers that the run has or had, in their order.
    pub(crate) fn claims(&self) -> Vec<Writer> {
        self.claimed_writers().unwrap_or_default()
    }

    fn below(&self, name: &str) -> StorePath {
        name.split('/').fold(self.folder().clone(), |folder, name| folder.child(name))
    }
}
