//! Who holds a study's lock: a note beside it, by which other processes of the machine see at once that its holder is
//! dead, and need not wait as long as Optuna does.

use std::{fs::TryLockError, io};

use serde::{Deserialize, Serialize};

use crate::{
    format::{folder::StorePath, layout::MOST_NOTE, owner::Owner},
    platform::entry::Look,
};

/// The content of `journal.log.holder`. It stays when the lock goes, and speaks of no other.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// Which lock: its file's device and number, and when it was made, in seconds and nanoseconds.
    lock: (u64, u64, i64, i64),
    owner: Owner,
}

/// Says that this process holds a lock. Without it, others wait until the lock is old.
pub(super) fn note(place: &StorePath, lock: &Look) {
    let note = Note { lock: identity(lock), owner: Owner::this_process() };
    let text = serde_json::to_vec(&note).unwrap_or_default();
    let _ = note_of(place).replace_with(&text, false);
}

/// Whether the holder of a lock is known to be dead.
pub(super) fn is_dead(place: &StorePath, lock: &Look) -> bool {
    let text = note_of(place).read(MOST_NOTE).unwrap_or_default();
    let note: Option<Note> = serde_json::from_slice(&text).ok();
    note.is_some_and(|note| note.lock == identity(lock) && note.owner.is_gone() == Some(true))
}

/// Calls while no other process of the machine does so: of several who take a lock away, the second would meet the new
/// lock of the first. Does nothing where another one is at it. Where files cannot be locked, calls all the same.
pub(super) fn alone(place: &StorePath, act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let file = place.sibling(format!("{}.breaking", place.name())).open_to_lock()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(()),
        Ok(()) | Err(TryLockError::Error(_)) => act(),
    }
}

fn note_of(place: &StorePath) -> StorePath {
    place.sibling(format!("{}.holder", place.name()))
}

fn identity(lock: &Look) -> (u64, u64, i64, i64) {
    (lock.file.0, lock.file.1, lock.changed.0, lock.changed.1)
}

#[cfg(test)]
pub(super) fn note_of_dead(place: &StorePath) {
    let owner = Owner { started: 1, ..Owner::this_process() };
    let note = Note { lock: identity(&place.look().unwrap()), owner };
    note_of(place).replace_with(&serde_json::to_vec(&note).unwrap(), false).unwrap();
}
