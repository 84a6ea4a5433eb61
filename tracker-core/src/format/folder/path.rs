//! Where something is in a store.

use std::{
    ffi::{OsStr, OsString},
    fmt, io,
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::mounts;
use crate::platform::{
    entry::Look,
    files::{self as system, Folder, Parent},
};

/// A file or folder of a store: a start, and the names that lead from there to it, each of an entry
/// of the folder before. It may be there or not. To people it is a path.
///
/// The start is a folder that somebody named, opened anew each time, or one that is
/// [held](Self::hold) open: then the place is the same also where the folder has been renamed.
#[derive(Clone)]
pub(crate) struct StorePath {
    path: PathBuf,
    /// How many names at the path's end are behind the start.
    steps: usize,
    held: Option<Arc<Folder>>,
}

impl StorePath {
    /// A folder that somebody named.
    pub(crate) fn named(folder: impl Into<PathBuf>) -> Self {
        Self { path: folder.into(), steps: 0, held: None }
    }

    /// What has this name in this folder. A name that would lead elsewhere is made one that does
    /// not.
    pub(crate) fn child(&self, name: impl AsRef<OsStr>) -> Self {
        let name = name.as_ref();
        let path = if system::is_plain(name) {
            self.path.join(name)
        } else {
            self.path.join(name.to_string_lossy().replace(['/', '\0', '.'], "_") + "_")
        };
        Self { path, steps: self.steps + 1, held: self.held.clone() }
    }

    /// What has this name in the same folder.
    pub(crate) fn sibling(&self, name: impl AsRef<OsStr>) -> Self {
        if self.steps > 0 {
            return self.folder().child(name);
        }
        Self::named(around(&self.path)).child(name)
    }

    /// The folder that it is in; itself at the start.
    pub(crate) fn folder(&self) -> Self {
        let Some(steps) = self.steps.checked_sub(1) else { return self.clone() };
        Self { path: around(&self.path).to_owned(), steps, held: self.held.clone() }
    }

    /// The last of its names.
    pub(crate) fn name(&self) -> &str {
        self.path.file_name().and_then(OsStr::to_str).unwrap_or_default()
    }

    /// The name of the folder that it is in, if that is an entry of the store and no start.
    pub(crate) fn name_of_folder(&self) -> Option<&str> {
        (self.steps > 1).then(|| self.path.parent()?.file_name()?.to_str()).flatten()
    }

    /// Lets what is here be brought, if it lies in a mounted folder.
    pub(crate) fn bring(&self) -> io::Result<()> {
        mounts::at(&self.path).map_or(Ok(()), |(mount, below)| mount.bring(&below))
    }

    /// Whether what is here lies elsewhere and is brought.
    pub(crate) fn is_mounted(&self) -> bool {
        mounts::is_mounted(&self.path)
    }

    /// What is missing elsewhere of this run's folder, in words for people.
    pub(crate) fn missing(&self) -> Vec<String> {
        mounts::at(&self.path).map_or_else(Vec::new, |(mount, below)| mount.missing(&below))
    }

    /// That this may be written, which is not so in a mounted folder.
    pub(super) fn check_written_here(&self) -> io::Result<()> {
        mounts::at(&self.path).map_or(Ok(()), |(mount, _)| Err(mounts::only_read(&*mount)))
    }

    /// The same folder, held open: whatever becomes of its path, this is the folder.
    pub(crate) fn hold(&self) -> io::Result<Self> {
        let held = match (self.steps, &self.held) {
            (0, Some(_)) => return Ok(self.clone()),
            (0, None) => {
                self.bring()?;
                system::start(&self.path)?
            }
            _ => {
                self.bring()?;
                system::step(self.open_parent()?, self.last())?
            }
        };
        Ok(Self { path: self.path.clone(), steps: 0, held: Some(Arc::new(held)) })
    }

    /// Whether this folder, which is [held](Self::hold), has been removed; not if it was moved.
    pub(crate) fn is_removed(&self) -> bool {
        self.held.as_ref().is_some_and(system::is_removed)
    }

    /// Where this folder is now, which may have been moved since it was [held](Self::hold).
    pub(crate) fn where_now(&self) -> PathBuf {
        let moved = || {
            let folder = self.held.as_ref().filter(|_| self.steps == 0)?;
            let here = system::start(&self.path).and_then(Look::at).ok();
            let is_here = here.zip(Look::at(folder).ok()).is_some_and(|(a, b)| a.file == b.file);
            (!is_here).then(|| system::path_of(folder)).flatten()
        };
        moved().unwrap_or_else(|| self.path.clone())
    }

    /// What it is; of a link, the link itself. Tells only whether something is there and has
    /// changed: what is acted upon is looked at again once it is open.
    pub(crate) fn look(&self) -> io::Result<Look> {
        match (&self.held, self.steps) {
            (Some(folder), 0) => Look::at(folder),
            (Some(folder), 1) => system::look(folder, self.last()),
            (Some(folder), _) => system::look(folder, self.below().as_os_str()),
            (None, 0) => Look::at(system::start(&self.path)?),
            (None, _) => system::look_at(&self.path),
        }
    }

    /// As [`look`](Self::look), of what is below this folder, which is [held](Self::hold).
    pub(crate) fn look_below(&self, path: &str) -> io::Result<Look> {
        match (&self.held, self.steps) {
            (Some(folder), 0) => system::look(folder, OsStr::new(path)),
            _ => self.hold()?.look_below(path),
        }
    }

    /// Whether anything is there, be it a link that leads nowhere.
    pub(crate) fn exists(&self) -> bool {
        self.look().is_ok()
    }

    /// The names of what is in this folder; none if there is no such folder.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        match self.list() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            folder => {
                let names = system::names(folder?)?;
                Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect())
            }
        }
    }

    /// The names of what is in this folder, those too that are no text.
    pub(crate) fn all_names(&self) -> io::Result<Vec<OsString>> {
        system::names(self.list()?)
    }

    /// Whether files in this folder may be mapped without fear that a full disk ends the process.
    pub(crate) fn is_mappable(&self) -> bool {
        self.list().is_ok_and(|folder| system::is_mappable(&folder))
    }

    /// Opens this folder to list it.
    pub(super) fn list(&self) -> io::Result<Folder> {
        self.bring()?;
        match (self.steps, &self.held) {
            (0, Some(folder)) => system::list_again(folder),
            (0, None) => system::start_list(&self.path),
            _ => system::list(self.open_parent()?, self.last()),
        }
    }

    /// Opens the folder that this is in.
    pub(super) fn open_parent(&self) -> io::Result<Parent<'_>> {
        let names: Vec<&OsStr> = self.names_behind_start();
        let Some((_, before)) = names.split_last() else { return self.open_around() };
        let mut at = match &self.held {
            Some(folder) => Parent::Held(folder),
            None => Parent::Opened(system::start(self.start())?),
        };
        for name in before {
            at = Parent::Opened(system::step(&at, name)?);
        }
        Ok(at)
    }

    /// Opens the folder around a start that a person named, to give it another name or remove it.
    fn open_around(&self) -> io::Result<Parent<'_>> {
        match (&self.held, self.path.file_name()) {
            (None, Some(_)) => Ok(Parent::Opened(system::start(around(&self.path))?)),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is in no folder")),
        }
    }

    pub(super) fn start(&self) -> &Path {
        self.path.ancestors().nth(self.steps).unwrap_or(&self.path)
    }

    /// The names from the start on.
    pub(super) fn names_behind_start(&self) -> Vec<&OsStr> {
        let mut names: Vec<&OsStr> =
            self.path.ancestors().take(self.steps).filter_map(Path::file_name).collect();
        names.reverse();
        names
    }

    /// The folder at the start.
    pub(super) fn at_start(&self) -> Self {
        Self { path: self.start().to_owned(), steps: 0, held: self.held.clone() }
    }

    pub(super) fn last(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The open folder at the start.
    pub(super) fn held(&self) -> Option<&Folder> {
        self.held.as_deref()
    }

    fn below(&self) -> PathBuf {
        self.names_behind_start().iter().collect()
    }
}

/// The folder that a path is in.
fn around(path: &Path) -> &Path {
    match path.parent() {
        Some(around) if !around.as_os_str().is_empty() => around,
        _ => Path::new("."),
    }
}

/// For messages, and for what is a person's own.
impl Deref for StorePath {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for StorePath {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<OsStr> for StorePath {
    fn as_ref(&self) -> &OsStr {
        self.path.as_os_str()
    }
}

impl PartialEq for StorePath {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for StorePath {}

impl fmt::Debug for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}
