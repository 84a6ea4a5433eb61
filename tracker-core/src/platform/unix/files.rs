//! The calls by which everything in a store is reached: each takes an open folder and the name of one
//! entry of it, and none follows a link.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
        unix::{
            ffi::{OsStrExt, OsStringExt},
            fs::FileExt,
        },
    },
    path::{Path, PathBuf},
};

#[cfg(target_os = "linux")]
use rustix::fs::{FallocateFlags, fallocate, fstatfs};
use rustix::{
    buffer::spare_capacity,
    fs::{
        AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_NOW, fstat,
        futimens, mkdirat, openat, readlinkat, renameat, statat, symlinkat, unlinkat,
    },
    io::{Errno, pread},
};

use crate::platform::entry::{Access, Kind, Look, no_folder, not_plain, out_of_folder};

/// Whether [`Look::file`] tells files apart.
pub(crate) const TELLS_FILES_APART: bool = true;

/// A folder that is held open, whatever becomes of its path.
pub(crate) type Folder = OwnedFd;

/// The folder that an entry is in.
#[derive(Debug)]
pub(crate) enum Parent<'a> {
    Held(&'a Folder),
    Opened(Folder),
}

impl AsFd for Parent<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Held(folder) => folder.as_fd(),
            Self::Opened(folder) => folder.as_fd(),
        }
    }
}

/// What a folder is reached by: itself, or a reference to it.
pub(crate) trait AsFolder: AsFd {}

impl<T: AsFd> AsFolder for T {}

/// How a folder is opened on the way to what is in it. Where the system can, without the right to
/// list it.
#[cfg(target_os = "linux")]
const STEP: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const STEP: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// How a folder is opened to list it.
const LIST: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Access {
    fn flags(self) -> OFlags {
        let own = match self {
            Self::Read => OFlags::RDONLY,
            Self::Write => OFlags::WRONLY,
            Self::Append => OFlags::RDWR | OFlags::APPEND | OFlags::CREATE,
            Self::Lock => OFlags::WRONLY | OFlags::CREATE,
            Self::New { .. } => OFlags::RDWR | OFlags::CREATE | OFlags::EXCL,
        };
        // A pipe would wait for who holds its other end, a terminal would become the process's own.
        own | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
    }

    fn mode(self) -> Mode {
        match self {
            Self::New { private: true } => Mode::from_raw_mode(0o600),
            _ => Mode::from_raw_mode(0o666),
        }
    }
}

impl Look {
    #[expect(clippy::unnecessary_cast, reason = "the types differ from system to system")]
    fn of(stat: &Stat) -> Self {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        };
        Self {
            file: (stat.st_dev as u64, stat.st_ino as u64),
            length: stat.st_size.cast_unsigned(),
            changed: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            owner: stat.st_uid,
            kind,
        }
    }

    /// What is known of something that is open.
    pub(crate) fn at(open: impl AsFd) -> io::Result<Self> {
        Ok(Self::of(&fstat(open)?))
    }
}

/// Opens a folder that a person named: a link may lead there.
pub(crate) fn start(path: &Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, path, STEP, Mode::empty())?)
}

/// What is at a path; of a link, the link itself.
pub(crate) fn look_at(path: &Path) -> io::Result<Look> {
    look(CWD, path.as_os_str())
}

/// As [`start`], to list it.
pub(crate) fn start_list(path: &Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, path, LIST, Mode::empty())?)
}

/// Opens a folder in a folder.
pub(crate) fn step(folder: impl AsFd, name: &OsStr) -> io::Result<OwnedFd> {
    openat(folder, name, STEP | OFlags::NOFOLLOW, Mode::empty()).map_err(no_such_folder)
}

/// As [`step`], to list it.
pub(crate) fn list(folder: impl AsFd, name: &OsStr) -> io::Result<OwnedFd> {
    openat(folder, name, LIST | OFlags::NOFOLLOW, Mode::empty()).map_err(no_such_folder)
}

/// Opens an open folder again, to list it.
pub(crate) fn list_again(folder: impl AsFd) -> io::Result<OwnedFd> {
    Ok(openat(folder, c".", LIST, Mode::empty())?)
}

/// The names of all entries of a folder that was opened to be listed.
pub(crate) fn names(folder: OwnedFd) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::new(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            names.push(OsString::from_vec(name.to_owned()));
        }
    }
    Ok(names)
}

/// What an entry is; of a link, the link itself.
pub(crate) fn look(folder: impl AsFd, name: &OsStr) -> io::Result<Look> {
    Ok(Look::of(&statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?))
}

/// Reads a file's bytes from `start` on that come behind those that are read, as many as there is
/// room for. How many came.
pub(crate) fn read_on(file: &File, start: u64, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let next = start + bytes.len() as u64;
    loop {
        match pread(file, spare_capacity(bytes), next) {
            Err(Errno::INTR) => {}
            count => return Ok(count?),
        }
    }
}

/// Reads some bytes of a file at a place, whatever is read of it meanwhile.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], position: u64) -> io::Result<usize> {
    file.read_at(bytes, position)
}

/// Fills `bytes` with those of a file at a place.
pub(crate) fn read_exact_at(file: &File, bytes: &mut [u8], position: u64) -> io::Result<()> {
    file.read_exact_at(bytes, position)
}

/// Writes bytes at a place of a file.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], position: u64) -> io::Result<()> {
    file.write_all_at(bytes, position)
}

/// The time that a file's own machine has now.
const NOW: Timestamps = Timestamps {
    last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
    last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
};

/// Sets an open file's time to now, as the machine that holds it sees it.
pub(crate) fn touch(file: &File) -> io::Result<()> {
    Ok(futimens(file, &NOW)?)
}

/// Gives a file its bytes on the disk, so that no later write finds it full.
#[cfg(target_os = "linux")]
pub(crate) fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    Ok(fallocate(file, FallocateFlags::empty(), 0, bytes)?)
}

/// Elsewhere, only writing the bytes is sure to.
#[cfg(not(target_os = "linux"))]
pub(crate) fn allocate(_: &File, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Magic numbers of file systems whose mappings are as reliable as memory once space is
/// allocated: ext2 to ext4 and XFS. From `linux/magic.h`.
#[cfg(target_os = "linux")]
const MAPPABLE: [u64; 2] = [0xef53, 0x5846_5342];

/// Whether files in a folder may be mapped without fear that a full disk ends the process.
#[cfg(target_os = "linux")]
pub(crate) fn is_mappable(folder: &Folder) -> bool {
    fstatfs(folder).is_ok_and(|system| MAPPABLE.contains(&system.f_type.cast_unsigned()))
}

/// Not known of other systems.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_mappable(_: &Folder) -> bool {
    false
}

/// Makes renames in a folder outlive the machine.
pub(crate) fn sync_folder(folder: Folder) -> io::Result<()> {
    File::from(folder).sync_all()
}

/// Whether an error says nothing of the file itself: a later try may succeed.
pub(crate) fn is_for_now(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    let known = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::ACCESS, Errno::PERM];
    let network = [Errno::STALE, Errno::TIMEDOUT, Errno::AGAIN];
    errno.is_some_and(|errno| known.contains(&errno) || network.contains(&errno))
}

/// Whether an open folder has no name any more.
pub(crate) fn is_removed(folder: impl AsFd) -> bool {
    fstat(folder).is_ok_and(|stat| stat.st_nlink == 0)
}

/// The path of an open folder, where the system tells it.
pub(crate) fn path_of(folder: &OwnedFd) -> Option<PathBuf> {
    let link = format!("/proc/self/fd/{}", folder.as_raw_fd());
    let path = readlinkat(CWD, link, Vec::new()).ok()?;
    let path = PathBuf::from(OsString::from_vec(path.into_bytes()));
    (path.is_absolute() && Look::at(start(&path).ok()?).ok()?.is_folder()).then_some(path)
}

/// Opens a plain file, and says what is known of it.
pub(crate) fn open(folder: impl AsFd, name: &OsStr, access: Access) -> io::Result<(File, Look)> {
    #[cfg(test)]
    crate::platform::opened::note(name);
    let opened = openat(folder, name, access.flags(), access.mode());
    let file = File::from(opened.map_err(no_such_file)?);
    let look = Look::at(&file)?;
    if look.is_file() { Ok((file, look)) } else { Err(not_plain()) }
}

/// Makes a folder, unless there is one.
pub(crate) fn make_folder(folder: impl AsFd, name: &OsStr) -> io::Result<()> {
    match mkdirat(folder, name, Mode::from_raw_mode(0o777)) {
        Err(Errno::EXIST) => Ok(()),
        made => Ok(made?),
    }
}

/// Makes a link that leads to `target`, in the place of nothing.
pub(crate) fn mark(folder: impl AsFd, name: &OsStr, target: &Path) -> io::Result<()> {
    Ok(symlinkat(target, folder, name)?)
}

/// Renames an entry; of a link, the link itself.
pub(crate) fn rename(
    (from, name): (impl AsFd, &OsStr),
    (to, new): (impl AsFd, &OsStr),
) -> io::Result<()> {
    Ok(renameat(from, name, to, new)?)
}

/// Removes an entry that is no folder; of a link, the link itself.
pub(crate) fn remove(folder: impl AsFd, name: &OsStr) -> io::Result<()> {
    Ok(unlinkat(folder, name, AtFlags::empty())?)
}

/// Removes a folder that is empty.
pub(crate) fn remove_folder(folder: impl AsFd, name: &OsStr) -> io::Result<()> {
    Ok(unlinkat(folder, name, AtFlags::REMOVEDIR)?)
}

/// Whether a name is that of one entry, and not of a way to another folder.
pub(crate) fn is_plain(name: &OsStr) -> bool {
    !matches!(name.as_bytes(), b"" | b"." | b"..")
        && !name.as_bytes().iter().any(|byte| matches!(byte, b'/' | 0))
}

fn no_such_folder(errno: Errno) -> io::Error {
    match errno {
        Errno::LOOP | Errno::NOTDIR | Errno::MLINK => no_folder(),
        errno => errno.into(),
    }
}

fn no_such_file(errno: Errno) -> io::Error {
    match errno {
        Errno::LOOP | Errno::NXIO | Errno::ISDIR | Errno::MLINK => not_plain(),
        errno => errno.into(),
    }
}

/// Opens a plain file in or below a folder, through links that do not lead out of it. `None` where
/// the system has no such call.
#[cfg(target_os = "linux")]
pub(crate) fn open_beneath(folder: impl AsFd, path: &Path) -> Option<io::Result<File>> {
    use rustix::fs::{ResolveFlags, openat2};

    let flags = Access::Read.flags().difference(OFlags::NOFOLLOW);
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let file = match openat2(folder, path, flags, Mode::empty(), resolve) {
        // An old kernel, or a container that lets nobody call it.
        Err(Errno::NOSYS | Errno::PERM) => return None,
        Err(Errno::XDEV) => return Some(Err(out_of_folder())),
        Err(errno) => return Some(Err(no_such_file(errno))),
        Ok(file) => File::from(file),
    };
    let is_plain = Look::at(&file).map(|look| look.is_file());
    Some(is_plain.and_then(|is_plain| if is_plain { Ok(file) } else { Err(not_plain()) }))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn open_beneath(_: impl AsFd, _: &Path) -> Option<io::Result<File>> {
    None
}

/// Where a file has data from a place on; its end if there is none. `None` where nobody knows.
#[cfg(target_os = "linux")]
pub(crate) fn next_data(file: &File, from: u64) -> Option<u64> {
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(from)) {
        Err(Errno::NXIO) => Some(Look::at(file).ok()?.length.max(from)),
        data => data.ok(),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn next_data(_: &File, _: u64) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_that_passes_is_told_from_damage() {
        for errno in [Errno::MFILE, Errno::STALE] {
            assert!(is_for_now(&errno.into()), "{errno}");
        }
        for error in [Errno::IO.into(), io::ErrorKind::UnexpectedEof.into()] {
            assert!(!is_for_now(&error), "{error}");
        }
    }
}
