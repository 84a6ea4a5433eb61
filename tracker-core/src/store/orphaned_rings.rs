//! Rings in memory whose processes are gone. Nobody else would ever give the memory back.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Once,
    thread,
    time::Duration,
};

use crate::{
    Error, Writer,
    fault::Fault,
    format::{
        folder::StorePath,
        layout::{MOST_NOTE, RunPaths},
        liveness::{Life, life},
        ring_file::{RingFile, RingNote, memory_rings},
    },
    platform::{entry::Look, machine::user_number},
    store::recover::{Force, seal_dead},
};

/// After this time, a ring is removed whose store cannot be seen from here: until then, another
/// container that sees both may still save it.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);

/// A ring that was in use since may still be: not every file system knows the lock that says so.
const IN_USE_FOR: Duration = Duration::from_mins(1);

/// After this time, a file is removed that never became a ring.
const UNBORN_AFTER: Duration = Duration::from_hours(1);

/// A ring whose process is gone.
#[derive(Debug)]
pub(crate) struct LeftoverRing {
    pub(crate) path: StorePath,
    pub(crate) fate: RingFate,
    folder: Option<PathBuf>,
    /// Held locked, so that two processes do not save one ring at a time.
    lock: File,
}

impl LeftoverRing {
    /// Whether its run was in this store. Of a file that never became a ring, nobody knows.
    pub(crate) fn is_of_store(&self, root: &Path) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.starts_with(root))
    }
}

/// What should become of a leftover ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RingFate {
    /// It may hold the last points of a writer that has not been sealed.
    Seal(RunPaths, Writer),
    /// All that it holds is stored, or its run is gone.
    Remove,
    /// It belongs to a store that cannot be seen from here.
    Keep,
}

/// What was done about leftover rings.
#[derive(Debug, Default)]
pub(crate) struct Cleared {
    /// The run folders of which something was sealed.
    pub(crate) sealed: Vec<PathBuf>,
    pub(crate) removed: Vec<PathBuf>,
    pub(crate) errors: Vec<Error>,
}

/// Clears leftover rings once a process, on a thread of its own: a training that starts gives back
/// what a killed one could not.
pub(crate) fn clear_in_background() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without a thread, the next process does it.
        let _ = thread::Builder::new().name("tracker-tidy".into()).spawn(leftover_rings);
    });
}

/// Seals what dead processes of this user left in memory, and removes the rings of which nothing
/// is to be saved. Never touches what lives. May take long: call it where nobody waits.
pub(crate) fn leftover_rings() -> Cleared {
    let mut cleared = Cleared::default();
    if Fault::is_any_planted() {
        return cleared;
    }
    for ring in find_leftover_rings() {
        let LeftoverRing { path, fate, lock, .. } = ring;
        match fate {
            RingFate::Seal(paths, writer) => {
                // Who seals asks for it.
                drop(lock);
                match seal_dead(&paths, writer, Force::No) {
                    Ok(_) => cleared.sealed.push(paths.folder().to_path_buf()),
                    Err(error) => cleared.errors.push(error),
                }
            }
            RingFate::Remove => {
                if path.remove().is_ok() {
                    cleared.removed.push(path.to_path_buf());
                }
            }
            RingFate::Keep => {}
        }
    }
    cleared
}

/// The rings of this user whose processes are gone. Changes nothing.
pub(crate) fn find_leftover_rings() -> Vec<LeftoverRing> {
    let rings = memory_rings(user_number());
    rings.into_iter().filter_map(leftover).collect()
}

/// `None` for the ring of a process that lives: it holds the lock for life.
fn leftover(path: StorePath) -> Option<LeftoverRing> {
    let (lock, look) = path.open_and_look().ok()?;
    // Anybody may make files in this folder; only our own are trusted.
    if look.owner != user_number() {
        return None;
    }
    lock.try_lock().ok()?;
    let (fate, folder) = match RingFile::open(&path) {
        Ok(ring) => (fate(&path, &ring, age(&lock)), Some(ring.header.folder)),
        // A process that begins locks its file before it writes the header.
        Err(_) if age(&lock) > UNBORN_AFTER => (RingFate::Remove, None),
        Err(_) => return None,
    };
    Some(LeftoverRing { path, fate, folder, lock })
}

fn age(file: &File) -> Duration {
    Look::at(file).ok().and_then(|look| look.age()).unwrap_or_default()
}

fn fate(path: &Path, ring: &RingFile, age: Duration) -> RingFate {
    let folder = &ring.header.folder;
    let paths = RunPaths::in_store(folder);
    let live = paths.live(ring.header.writer);
    if live.folder.exists() {
        return match life(&live) {
            Life::Alive => RingFate::Keep,
            _ if is_named(path, &live.ring_note()) => RingFate::Seal(paths, ring.header.writer),
            // A folder without its note is one that was being removed, after all was sealed.
            _ if !live.ring_note().exists() => RingFate::Remove,
            _ => RingFate::Keep,
        };
    }
    // Without the run's folder, nobody here knows whether it was removed, moved, or is on a disk
    // that only another container sees.
    let is_visible = folder.is_absolute() && paths.folder().exists();
    let longest = if is_visible { IN_USE_FOR } else { ABANDONED_AFTER };
    if age > longest { RingFate::Remove } else { RingFate::Keep }
}

fn is_named(ring: &Path, note: &StorePath) -> bool {
    let note = note.read(MOST_NOTE).ok();
    let note = note.and_then(|text| serde_json::from_slice::<RingNote>(&text).ok());
    note.is_some_and(|note| note.path == ring)
}
