//! The folder of this user in which copies of what lies in a place are kept.

#![expect(
    clippy::disallowed_methods,
    reason = "the cache is this user's own, and each name in it was checked"
)]

use std::{
    env, fs, io,
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use crate::{hash::sha256, platform::make_private};

/// How many digits the name of a place's folder has.
const DIGITS: usize = 16;

/// The file of [`Cache::checked`].
const CHECKED: &str = "checked";

/// The copies of what lies in one place.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    root: PathBuf,
}

impl Cache {
    /// That of a place: in `TRACKER_CACHE`, else in `tracker` below `XDG_CACHE_HOME` or `~/.cache`.
    pub(super) fn of_place(place: &str) -> io::Result<Self> {
        let named =
            |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let all = named("TRACKER_CACHE")
            .or_else(|| Some(named("XDG_CACHE_HOME")?.join("tracker")))
            .or_else(|| Some(named("HOME")?.join(".cache/tracker")))
            .unwrap_or_else(|| env::temp_dir().join("tracker-cache"));
        Self::at(&all, place)
    }

    /// That of a place, in a folder for all of them.
    pub(super) fn at(all: &Path, place: &str) -> io::Result<Self> {
        let root = std::path::absolute(all)?.join(&sha256(place.as_bytes())[..DIGITS]);
        fs::create_dir_all(root.join("store"))?;
        fs::create_dir_all(root.join("pages"))?;
        fs::create_dir_all(root.join("lists"))?;
        make_private(&root)?;
        Ok(Self { root })
    }

    /// All that is kept of the place.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that is read like a store.
    pub(super) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// Which version of what the place says of itself was looked at.
    pub(super) fn checked(&self) -> Option<String> {
        String::from_utf8(read(&self.root.join(CHECKED), 1 << 10)?).ok()
    }

    /// Keeps that.
    pub(super) fn keep_checked(&self, version: Option<&str>) -> io::Result<()> {
        put(&self.root.join(CHECKED), version.unwrap_or_default().as_bytes())
    }

    /// Where it is kept what is known of a project.
    pub(super) fn list(&self, project: &str) -> PathBuf {
        self.root.join("lists").join(sha256(project.as_bytes()))
    }

    /// Where some bytes are kept of a file that never changes.
    pub(super) fn page(&self, file: &str, number: u64) -> PathBuf {
        let hash = sha256(format!("{file}\n{number}").as_bytes());
        self.root.join("pages").join(&hash[..2]).join(&hash[2..])
    }
}

/// Whether a folder is one that keeps copies of a place.
pub(super) fn is_of_a_place(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_hash = name.len() == DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash && folder.join("store").is_dir() && folder.join("pages").is_dir()
}

/// The file's bytes, if it is there.
pub(super) fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(most + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= most).then_some(bytes)
}

/// Puts a file in its place whole, unless the same bytes are there.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_same = length(path) == Some(bytes.len() as u64)
        && !is_placeholder(path)
        && read(path, bytes.len() as u64).is_some_and(|known| known == bytes);
    if is_same { Ok(()) } else { replace(path, |file| file.write_all(bytes)) }
}

/// Puts a file of this length in a file's place, with nothing in it: what is there is fetched when it is read.
pub(super) fn put_placeholder(path: &Path, length: u64) -> io::Result<()> {
    replace(path, |file| {
        file.set_len(length)?;
        file.set_modified(SystemTime::UNIX_EPOCH)
    })
}

/// Whether what is there stands for a file that was not fetched.
pub(super) fn is_placeholder(path: &Path) -> bool {
    let changed = fs::symlink_metadata(path).and_then(|look| look.modified());
    changed.is_ok_and(|changed| changed == SystemTime::UNIX_EPOCH)
}

/// Writes a file under another name first.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut fs::File) -> io::Result<()>,
) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".tmp-{}-{number}", std::process::id()));
    let written = || {
        let mut file = fs::File::create_new(&temporary)?;
        write(&mut file)?;
        drop(file);
        fs::rename(&temporary, path)
    };
    written().inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// Makes bytes those of a file from a place on, writing only from where they differ.
pub(super) fn lay_over(path: &Path, from: u64, bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    let mut file =
        fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut known = Vec::new();
    (&mut file).take(bytes.len() as u64).read_to_end(&mut known)?;
    let same = known.iter().zip(bytes).take_while(|(known, byte)| known == byte).count();
    if same < bytes.len() {
        file.seek(SeekFrom::Start(from + same as u64))?;
        file.write_all(&bytes[same..])?;
    }
    Ok(())
}

/// A file's length, if it is there.
pub(super) fn length(path: &Path) -> Option<u64> {
    fs::symlink_metadata(path).ok().map(|look| look.len())
}

/// Makes a folder, and those before it.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// The names in a folder.
pub(super) fn names(path: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(path)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.collect())
}

/// Removes a file or folder, if it is there.
pub(super) fn remove(path: &Path) {
    if fs::remove_file(path).is_err() {
        let _ = fs::remove_dir_all(path);
    }
}

/// Sets when a file was changed, in microseconds since 1970.
pub(super) fn set_time(path: &Path, micros: i64) -> io::Result<()> {
    let since = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    let file = fs::OpenOptions::new().write(true).open(path)?;
    file.set_modified(SystemTime::UNIX_EPOCH + since)
}
