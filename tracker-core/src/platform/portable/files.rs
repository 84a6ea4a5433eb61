//! A store's files, each reached by the path of its folder. An entry is looked at before it is
//! opened, so that no link that stands there is followed; one that takes its place in between is.

#![expect(clippy::disallowed_methods, reason = "the calls of which the room of files is made")]
#![expect(clippy::unnecessary_wraps, reason = "what never fails here may fail elsewhere")]

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use parking_lot::Mutex;

use crate::platform::entry::{Access, Kind, Look, no_folder, not_plain};

/// A folder by its path, which is looked at when it is opened.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

/// The folder that an entry is in.
#[derive(Debug)]
pub(crate) enum Parent<'a> {
    Held(&'a Folder),
    Opened(Folder),
}

/// What a folder is reached by: itself, or a reference to it.
pub(crate) trait AsFolder {
    /// Where it is.
    fn path(&self) -> &Path;
}

impl AsFolder for Folder {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl AsFolder for Parent<'_> {
    fn path(&self) -> &Path {
        match self {
            Self::Held(folder) => folder.path(),
            Self::Opened(folder) => folder.path(),
        }
    }
}

impl<T: AsFolder> AsFolder for &T {
    fn path(&self) -> &Path {
        (*self).path()
    }
}

impl<T: AsFolder> AsFolder for Arc<T> {
    fn path(&self) -> &Path {
        (**self).path()
    }
}

impl Access {
    fn options(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        match self {
            Self::Read => options.read(true),
            Self::Write => options.write(true),
            Self::Append => options.read(true).append(true).create(true),
            Self::Lock => options.write(true).create(true),
            Self::New { .. } => options.read(true).write(true).create_new(true),
        };
        options
    }
}

/// Whether [`Look::file`] tells files apart.
pub(crate) const TELLS_FILES_APART: bool = false;

/// Files have no number. Their time of creation does not tell them apart: on some disks it changes when
/// a file is written.
const NO_NUMBER: (u64, u64) = (0, 0);

impl Look {
    fn of(known: &Metadata) -> Self {
        let changed = known.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let changed = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let kind = match known.file_type() {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Link,
            _ => Kind::Other,
        };
        Self {
            file: NO_NUMBER,
            length: known.len(),
            changed: (changed.as_secs() as i64, i64::from(changed.subsec_nanos())),
            owner: 0,
            kind,
        }
    }

    /// What is known of something that is open.
    pub(crate) fn at(open: impl Open) -> io::Result<Self> {
        Ok(Self::of(&open.known()?))
    }
}

/// A file or a folder that is open.
pub(crate) trait Open {
    fn known(&self) -> io::Result<Metadata>;
}

impl Open for File {
    fn known(&self) -> io::Result<Metadata> {
        self.metadata()
    }
}

impl Open for Folder {
    fn known(&self) -> io::Result<Metadata> {
        fs::metadata(&self.0)
    }
}

impl<T: Open> Open for &T {
    fn known(&self) -> io::Result<Metadata> {
        (**self).known()
    }
}

impl<T: Open> Open for Arc<T> {
    fn known(&self) -> io::Result<Metadata> {
        (**self).known()
    }
}

/// Opens a folder that a person named: a link may lead there.
pub(crate) fn start(path: &Path) -> io::Result<Folder> {
    let folder = Folder(path.to_owned());
    let not_one = || io::Error::new(io::ErrorKind::NotADirectory, "Not a directory");
    if folder.known()?.is_dir() { Ok(folder) } else { Err(not_one()) }
}

/// As [`start`], to list it.
pub(crate) fn start_list(path: &Path) -> io::Result<Folder> {
    start(path)
}

/// What is at a path; of a link, the link itself.
pub(crate) fn look_at(path: &Path) -> io::Result<Look> {
    Ok(Look::of(&fs::symlink_metadata(path)?))
}

/// Opens a folder in a folder.
pub(crate) fn step(folder: impl AsFolder, name: &OsStr) -> io::Result<Folder> {
    if look(&folder, name)?.is_folder() {
        return Ok(Folder(folder.path().join(name)));
    }
    Err(no_folder())
}

/// As [`step`], to list it.
pub(crate) fn list(folder: impl AsFolder, name: &OsStr) -> io::Result<Folder> {
    step(folder, name)
}

/// Opens an open folder again, to list it.
pub(crate) fn list_again(folder: impl AsFolder) -> io::Result<Folder> {
    Ok(Folder(folder.path().to_owned()))
}

/// The names of all entries of a folder that was opened to be listed.
pub(crate) fn names(folder: Folder) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder.0)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// What an entry is; of a link, the link itself.
pub(crate) fn look(folder: impl AsFolder, name: &OsStr) -> io::Result<Look> {
    look_at(&folder.path().join(name))
}

/// The standard library reads and writes at a file's own cursor: whoever moves it keeps others from
/// that file meanwhile. Each open file has one of these locks, by where it is in memory; a few share
/// one.
static CURSORS: [Mutex<()>; 64] = [const { Mutex::new(()) }; 64];

fn at<T>(
    file: &File,
    position: u64,
    act: impl FnOnce(&mut &File) -> io::Result<T>,
) -> io::Result<T> {
    let place = std::ptr::from_ref(file).addr() / align_of::<File>();
    let _alone = CURSORS[place % CURSORS.len()].lock();
    let mut file = file;
    file.seek(SeekFrom::Start(position))?;
    act(&mut file)
}

/// Reads a file's bytes from `start` on that come behind those that are read, as many as there is
/// room for. How many came.
pub(crate) fn read_on(file: &File, start: u64, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let room = (bytes.capacity() - bytes.len()) as u64;
    at(file, start + bytes.len() as u64, |file| file.take(room).read_to_end(bytes))
}

/// Reads some bytes of a file at a place, whatever is read of it meanwhile.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], position: u64) -> io::Result<usize> {
    at(file, position, |file| file.read(bytes))
}

/// Fills `bytes` with those of a file at a place.
pub(crate) fn read_exact_at(file: &File, bytes: &mut [u8], position: u64) -> io::Result<()> {
    at(file, position, |file| file.read_exact(bytes))
}

/// Writes bytes at a place of a file.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], position: u64) -> io::Result<()> {
    at(file, position, |file| file.write_all(bytes))
}

/// Sets an open file's time to now.
pub(crate) fn touch(file: &File) -> io::Result<()> {
    file.set_modified(SystemTime::now())
}

/// Only writing the bytes is sure to give a file its place on the disk.
pub(crate) fn allocate(_: &File, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// No folder's files are mapped.
pub(crate) fn is_mappable(_: &Folder) -> bool {
    false
}

/// Nothing: where folders need it, the system does it by itself.
pub(crate) fn sync_folder(_: Folder) -> io::Result<()> {
    Ok(())
}

/// Whether an error says nothing of the file itself: a later try may succeed.
pub(crate) fn is_for_now(error: &io::Error) -> bool {
    use io::ErrorKind::{
        OutOfMemory, PermissionDenied, ResourceBusy, StaleNetworkFileHandle, TimedOut, WouldBlock,
    };
    matches!(
        error.kind(),
        OutOfMemory
            | PermissionDenied
            | ResourceBusy
            | StaleNetworkFileHandle
            | TimedOut
            | WouldBlock
    )
}

/// Whether a folder is not where it was: removed, or moved, which looks the same from here.
pub(crate) fn is_removed(folder: impl Open) -> bool {
    folder.known().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The path by which a folder was opened.
pub(crate) fn path_of(folder: &Folder) -> Option<PathBuf> {
    Some(folder.0.clone())
}

/// Opens a plain file, and says what is known of it.
pub(crate) fn open(
    folder: impl AsFolder,
    name: &OsStr,
    access: Access,
) -> io::Result<(File, Look)> {
    #[cfg(test)]
    crate::platform::opened::note(name);
    let is_new = matches!(access, Access::New { .. });
    match look(&folder, name) {
        Ok(look) if !look.is_file() && !is_new => return Err(not_plain()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = access.options().open(folder.path().join(name))?;
    let look = Look::at(&file)?;
    if look.is_file() { Ok((file, look)) } else { Err(not_plain()) }
}

/// Makes a folder, unless there is one.
pub(crate) fn make_folder(folder: impl AsFolder, name: &OsStr) -> io::Result<()> {
    match fs::create_dir(folder.path().join(name)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Makes an empty file in the place of nothing: a link needs rights that not every user has.
pub(crate) fn mark(folder: impl AsFolder, name: &OsStr, _: &Path) -> io::Result<()> {
    File::create_new(folder.path().join(name)).map(drop)
}

/// Renames an entry; of a link, the link itself.
pub(crate) fn rename(
    (from, name): (impl AsFolder, &OsStr),
    (to, new): (impl AsFolder, &OsStr),
) -> io::Result<()> {
    fs::rename(from.path().join(name), to.path().join(new))
}

/// Removes an entry that is no folder; of a link, the link itself.
pub(crate) fn remove(folder: impl AsFolder, name: &OsStr) -> io::Result<()> {
    fs::remove_file(folder.path().join(name))
}

/// Removes a folder that is empty.
pub(crate) fn remove_folder(folder: impl AsFolder, name: &OsStr) -> io::Result<()> {
    fs::remove_dir(folder.path().join(name))
}

/// Whether a name is that of one entry, and not of a way to another folder.
pub(crate) fn is_plain(name: &OsStr) -> bool {
    let is_one = |name: &Path| {
        let mut parts = name.components();
        matches!(parts.next(), Some(std::path::Component::Normal(part)) if part == name.as_os_str())
            && parts.next().is_none()
    };
    is_one(Path::new(name)) && !name.as_encoded_bytes().contains(&0)
}

/// There is no call that looks after links: none is followed.
pub(crate) fn open_beneath(_: impl AsFolder, _: &Path) -> Option<io::Result<File>> {
    None
}

/// Nobody knows where a file has holes.
pub(crate) fn next_data(_: &File, _: u64) -> Option<u64> {
    None
}
