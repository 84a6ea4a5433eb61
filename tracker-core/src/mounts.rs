//! Folders whose contents lie elsewhere and are brought before they are looked into.

use std::{
    fmt, io,
    ops::Range,
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::RwLock;
use serde_json::Value;

/// Brings what is below a folder, which is a copy of what lies elsewhere.
///
/// All paths are relative to that folder, and say which file or folder is about to be used: the empty one the folder
/// itself, then `<project>`, `<project>/<run>`, and what is in a run's folder.
///
/// Calls block, come from any thread and several at once, and must end: whoever reads waits for them. An error is told
/// to people as that of the file or folder that was to be used, so it names what did not answer.
pub trait Mount: fmt::Debug + Send + Sync {
    /// Where it all lies, as a person names it.
    fn place(&self) -> String;

    /// The name in the place of what a file or folder is a copy of, as people are told of it. Asks for nothing.
    fn object(&self, below: &Path) -> String {
        below.display().to_string()
    }

    /// Makes sure that this file or folder is as it is elsewhere now, or was a moment ago. It is about to be listed,
    /// or opened to read all of it. What is not there is no error.
    ///
    /// While others read the copy: a part appears in it before the log vanishes that the part replaces.
    ///
    /// # Errors
    /// If it cannot be brought.
    fn bring(&self, below: &Path) -> io::Result<()>;

    /// The file, if it is one that is not brought whole and of which some is about to be read.
    ///
    /// # Errors
    /// If it is one, and is not there or cannot be read.
    fn part(&self, below: &Path) -> io::Result<Option<Arc<dyn MountedFile>>>;

    /// Adds a line of JSON to a file elsewhere, whole or not at all, whoever else adds one meanwhile.
    ///
    /// # Errors
    /// If nobody elsewhere reads such a file, or it cannot be written.
    fn append(&self, below: &Path, line: &Value) -> io::Result<()>;

    /// What of a run is not there though it should be, in words for people. Asks for nothing.
    fn missing(&self, run: &Path) -> Vec<String>;
}

/// A file elsewhere of which some is read. It never changes.
pub trait MountedFile: fmt::Debug + Send + Sync {
    /// How many bytes it has.
    fn length(&self) -> u64;

    /// Reads some bytes at a place, at least one but at the file's end.
    ///
    /// # Errors
    /// If they cannot be fetched; of the kind `NotFound` if the file is gone.
    fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize>;

    /// Says what will be read next, so that all of it can be fetched at once. What cannot be is told when it is read.
    fn soon(&self, ranges: &[Range<u64>]);
}

/// The names in a mounted folder that are of this machine alone: what `tracker sql` writes, and how edits are taken back.
const OWN: [&str; 3] = [".sql", "views.sql", ".trash"];

static ANY: AtomicBool = AtomicBool::new(false);
static MOUNTS: RwLock<Vec<Mounted>> = RwLock::new(Vec::new());

struct Mounted {
    root: PathBuf,
    mount: Arc<dyn Mount>,
}

/// Lets `mount` bring what is below this folder, for as long as this process lives. Another mount of the same folder
/// takes its place.
pub fn mount(root: &Path, mount: Arc<dyn Mount>) {
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let mut mounts = MOUNTS.write();
    mounts.retain(|known| known.root != root);
    mounts.push(Mounted { root, mount });
    ANY.store(true, Ordering::Release);
}

/// Whether a path is that of a copy.
pub(crate) fn is_mounted(path: &Path) -> bool {
    at(path).is_some()
}

/// A file or folder as people are told of it: its path, or its name in the place of which it is a copy.
pub fn named(path: &Path) -> String {
    let Some((mount, below)) = at(path) else { return path.display().to_string() };
    let named = format!("{}/{}", mount.place().trim_end_matches('/'), mount.object(&below));
    named.trim_end_matches('/').to_owned()
}

/// The mount in which a path lies, and the way there from its root. Costs one look where nothing is mounted.
pub(crate) fn at(path: &Path) -> Option<(Arc<dyn Mount>, PathBuf)> {
    if !ANY.load(Ordering::Relaxed) {
        return None;
    }
    let absolute;
    let path = if path.is_absolute() {
        path
    } else {
        absolute = std::path::absolute(path).ok()?;
        &absolute
    };
    let mounts = MOUNTS.read();
    let found = |mounted: &Mounted| {
        let below = path.strip_prefix(&mounted.root).ok()?;
        let first = below.components().next();
        let is_own =
            matches!(first, Some(Component::Normal(name)) if OWN.iter().any(|own| name == *own));
        (!is_own).then(|| (Arc::clone(&mounted.mount), below.to_owned()))
    };
    mounts.iter().find_map(found)
}

/// Of something that would be written in a copy.
pub(crate) fn only_read(mount: &dyn Mount) -> io::Error {
    let text = format!(
        "it is a copy of what lies in {}, where only trainings and `tracker sync` write",
        mount.place()
    );
    io::Error::new(io::ErrorKind::ReadOnlyFilesystem, text)
}
