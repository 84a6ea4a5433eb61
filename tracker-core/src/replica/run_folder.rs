//! What lies in a run's folder.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
};

use super::{FileKind, FileStamp, OpenedFile};
use crate::{
    Result, RunId, Writer,
    error::IoContext,
    format::{
        file_kind::{file_kind, is_portable, part_range, writer_of},
        folder::StorePath,
        layout::{FOLLOWERS, MEDIA, RunPaths, SCALARS},
        liveness::{Life, life},
    },
};

const HINT: &str = "check the folder's permissions";

/// The most files of the user's own that are listed.
const MOST_USER_FILES: usize = 100_000;

/// How many folders deep the user's own files may lie.
const DEEPEST: usize = 7;

/// A run's folder, held open: it is the same folder also where the run is moved meanwhile.
#[derive(Debug, Clone)]
pub struct RunFolder {
    pub(super) paths: RunPaths,
    path: PathBuf,
    id: RunId,
}

/// A file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileEntry {
    /// Its path in the run's folder, with `/` between names.
    pub path: String,
    /// How it changes.
    pub kind: FileKind,
    /// What it was when it was listed.
    pub stamp: FileStamp,
}

/// The files that a user keeps in a run's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserFiles {
    /// Those that are plain files, in the order of their paths.
    pub files: Vec<FileEntry>,
    /// The paths of links, pipes, of names that not every system can have, of folders that cannot be listed, and of what is
    /// beyond 100,000 files.
    pub left_out: Vec<String>,
}

/// The points of a writer that are in one part, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartRange {
    /// Whose points they are.
    pub writer: Writer,
    /// The number of the first one.
    pub first: u64,
    /// The number of the last one.
    pub last: u64,
}

impl PartRange {
    /// What the part at this path in a run's folder holds, or in a copy of one; `None` if it is no part's.
    pub fn of_path(path: &str) -> Option<Self> {
        let (writer, first, last) = part_range(path)?;
        Some(Self { writer, first, last })
    }
}

impl FileEntry {
    /// The writer whose it is; `None` of what is the run's own.
    pub fn writer(&self) -> Option<Writer> {
        writer_of(&self.path)
    }
}

impl RunFolder {
    /// Opens the folder of a run, `<store>/<project>/<run id>`.
    ///
    /// # Errors
    /// If there is no such folder, or its name is no run's.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let path = std::path::absolute(folder).io_context("find", Path::new("."), HINT)?;
        let id = path.file_name().and_then(OsStr::to_str).unwrap_or_default().parse()?;
        let paths = RunPaths::new(path.clone()).hold().io_context("open", &path, HINT)?;
        Ok(Self { paths, path, id })
    }

    /// A run's folder in a store.
    pub(super) fn held(place: &StorePath, id: &RunId) -> Result<Self> {
        let paths = RunPaths::at(place.clone()).hold().io_context("open", place, HINT)?;
        Ok(Self { paths, path: place.to_path_buf(), id: id.clone() })
    }

    /// The run's id.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// The project in whose folder it lay when it was opened.
    pub fn project(&self) -> &str {
        let project = self.path.parent().and_then(Path::file_name);
        project.and_then(OsStr::to_str).unwrap_or_default()
    }

    /// Where it was when it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether somebody has removed it since.
    pub fn is_removed(&self) -> bool {
        self.paths.folder().is_removed()
    }

    /// All plain files of the run with their kinds, the user's own and what is not finished left out, in the order of
    /// their paths. Those that go meanwhile may be missing.
    ///
    /// # Errors
    /// If a folder cannot be listed.
    pub fn files(&self) -> Result<Vec<FileEntry>> {
        let mut entries = Vec::new();
        self.add(&mut entries, "")?;
        self.add(&mut entries, SCALARS)?;
        // Logs become parts: who looks for parts first might see neither.
        for folder in self.names("live")? {
            self.add(&mut entries, &format!("live/{folder}"))?;
        }
        self.add(&mut entries, SCALARS)?;
        for folder in self.names(MEDIA)? {
            self.add(&mut entries, &format!("{MEDIA}/{folder}"))?;
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup_by(|a, b| a.path == b.path);
        Ok(entries)
    }

    /// The user's own files, below `files/`.
    ///
    /// # Errors
    /// If `files/` itself cannot be listed.
    pub fn user_files(&self) -> Result<UserFiles> {
        let mut found = UserFiles::default();
        self.add_user_files(&mut found, "files", 0)?;
        found.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// What changes when the run ends: `run.json`, which is replaced, then the folder of those that live, which they leave.
    /// `None` of what is not there.
    pub fn run_stamp(&self) -> [Option<FileStamp>; 2] {
        ["run.json", "live"].map(|path| self.at(path).look().ok().map(FileStamp::from))
    }

    /// Opens a file by its path in the run's folder. `None` if it is gone.
    ///
    /// # Errors
    /// If it cannot be opened, or is no plain file.
    pub fn open_file(&self, path: &str) -> Result<Option<OpenedFile>> {
        OpenedFile::open(self.at(path), path)
    }

    /// A small file as a whole. `None` if it is gone.
    ///
    /// # Errors
    /// If it cannot be read, or has more than `most` bytes.
    pub fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let place = self.at(path);
        match place.read(most) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            bytes => bytes.io_context("read", &place, HINT).map(Some),
        }
    }

    /// Writes a small file of this machine's own into the run's folder, whole or not at all, such as how far a program is
    /// that carries the run elsewhere. It goes into `followers/`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_note(&self, name: &str, contents: &[u8]) -> Result<()> {
        let hint = "check the disk's free space and the folder's permissions";
        let place = self.paths.followers().child(name);
        let written = self
            .paths
            .followers()
            .create_folder()
            .and_then(|()| place.replace_with(contents, false));
        written.io_context("write", &place, hint)
    }

    /// The names of the notes that are there, those too that others have [written](Self::write_note).
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn notes(&self) -> Result<Vec<String>> {
        self.names(FOLLOWERS)
    }

    /// The writers whose live folders are there, and whether their processes live.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn lives(&self) -> Result<BTreeMap<Writer, bool>> {
        let writers = self.names("live")?;
        let writers = writers.iter().filter_map(|name| name.parse::<Writer>().ok());
        Ok(writers.map(|writer| (writer, life(&self.paths.live(writer)) == Life::Alive)).collect())
    }

    /// The names of what lies in the run's folder itself.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn own_names(&self) -> Result<Vec<String>> {
        let mut names = self.names("")?;
        names.sort();
        Ok(names)
    }

    fn at(&self, path: &str) -> StorePath {
        let names = path.split('/').filter(|name| !name.is_empty());
        names.fold(self.paths.folder().clone(), |place, name| place.child(name))
    }

    fn names(&self, folder: &str) -> Result<Vec<String>> {
        let place = self.at(folder);
        match place.names() {
            // Such as a plain file in a folder's place.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Vec::new()),
            names => names.io_context("list", &place, HINT),
        }
    }

    fn add(&self, entries: &mut Vec<FileEntry>, folder: &str) -> Result<()> {
        for name in self.names(folder)? {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = file_kind(&path);
            if kind == FileKind::Here {
                continue;
            }
            if let Ok(look) = self.at(&path).look()
                && look.is_file()
            {
                entries.push(FileEntry { path, kind, stamp: look.into() });
            }
        }
        Ok(())
    }

    fn add_user_files(&self, found: &mut UserFiles, folder: &str, depth: usize) -> Result<()> {
        let names = match self.names(folder) {
            // One folder that cannot be listed keeps nothing else here.
            Err(_) if depth > 0 => {
                found.left_out.push(folder.to_owned());
                return Ok(());
            }
            names => names?,
        };
        for name in names {
            let path = format!("{folder}/{name}");
            let look = match self.at(&path).look() {
                Ok(look) if is_portable(&name) && found.files.len() < MOST_USER_FILES => look,
                Ok(_) if found.left_out.len() >= MOST_USER_FILES => return Ok(()),
                Ok(_) => {
                    found.left_out.push(path);
                    continue;
                }
                Err(_) => continue,
            };
            if look.is_file() {
                found.files.push(FileEntry { path, kind: FileKind::User, stamp: look.into() });
            } else if look.is_folder() && depth < DEEPEST - 1 {
                self.add_user_files(found, &path, depth + 1)?;
            } else {
                found.left_out.push(path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "run_folder_tests.rs"]
mod tests;
