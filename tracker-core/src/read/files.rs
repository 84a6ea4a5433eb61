//! What readers ask of the files of a run, wherever they lie.

use std::{fmt, io, path::PathBuf, sync::Arc};

use crate::{
    Writer,
    format::{
        folder::{Ranged, StorePath},
        layout::{Contents, RunPaths},
    },
    read::file_stamp::Stamp,
};

/// The files of one run. A reader names a file as the run's folder has it, such as `run.json` or
/// `scalars/r0a1-0-99.parquet`, and knows nothing of where it lies.
///
/// Calls block, and may come from several threads. A file that is not there is an error of the kind
/// `NotFound`. What is read may come from a stranger: no implementation follows a link, gives what is
/// no plain file, or reads more than it was asked for.
pub(crate) trait RunFiles: fmt::Debug + Send + Sync {
    /// The names of what is in a folder of the run, itself the empty one; none if it is not there.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// What tells whether a file has changed; that of no file if it is not there.
    fn stamp(&self, name: &str) -> Stamp;

    /// A whole file of at most `limit` bytes, and its stamp.
    fn read(&self, name: &str, limit: u64) -> io::Result<(Vec<u8>, Stamp)>;

    /// The first bytes of a file, at most `most`.
    fn read_beginning(&self, name: &str, most: u64) -> io::Result<Vec<u8>>;

    /// Opens a file to read some of it.
    fn open(&self, name: &str) -> io::Result<(Arc<dyn Ranged>, Stamp)>;

    /// Adds a line of JSON, whole or not at all, whoever else adds one meanwhile. Makes the file if
    /// there is none.
    fn append(&self, name: &str, line: &serde_json::Value) -> io::Result<()>;

    /// How a file is told to people.
    fn place(&self, name: &str) -> PathBuf;
}

impl dyn RunFiles + '_ {
    /// What the run's folder holds.
    pub(crate) fn contents(&self) -> io::Result<Contents> {
        Ok(Contents::of(&self.list("")?))
    }

    /// All writers that the run has or had, in their order.
    pub(crate) fn claims(&self) -> Vec<Writer> {
        self.contents().unwrap_or_default().writers
    }
}

/// A run in a folder of this machine. Each file is reached as `format/folder` says.
impl RunFiles for RunPaths {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        if folder.is_empty() { self.folder().names() } else { below(self, folder).names() }
    }

    fn stamp(&self, name: &str) -> Stamp {
        Stamp::of(&below(self, name))
    }

    fn read(&self, name: &str, limit: u64) -> io::Result<(Vec<u8>, Stamp)> {
        let (bytes, look) = below(self, name).read_and_look(limit)?;
        Ok((bytes, look.into()))
    }

    fn read_beginning(&self, name: &str, most: u64) -> io::Result<Vec<u8>> {
        below(self, name).read_beginning(most)
    }

    fn open(&self, name: &str) -> io::Result<(Arc<dyn Ranged>, Stamp)> {
        let (file, look) = below(self, name).open_ranged()?;
        Ok((file, look.into()))
    }

    fn append(&self, name: &str, line: &serde_json::Value) -> io::Result<()> {
        below(self, name).append_line(line)
    }

    fn place(&self, name: &str) -> PathBuf {
        below(self, name).to_path_buf()
    }
}

fn below(run: &RunPaths, name: &str) -> StorePath {
    name.split('/').fold(run.folder().clone(), |folder, name| folder.child(name))
}
