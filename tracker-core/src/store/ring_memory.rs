//! Chooses the memory of a run's ring: such that outlives the process, wherever there is any.

use std::{
    env,
    io::{self, Write},
    path::Path,
};

use crate::{
    RunId, Writer,
    format::{
        folder::StorePath,
        layout::LivePaths,
        ring_file::{
            HEADER_BYTES, NAME_IN_FOLDER, RingHeader, RingNote, memory_folder, memory_name,
        },
        slot::SLOT_BYTES,
    },
    platform::{LockedFile, files, machine::user_number},
    store::{mapping::Mapping, ring::CAPACITY},
};

/// A ring's memory, and the file that holds it if it outlives the process.
#[derive(Debug)]
pub(crate) struct NewRing {
    pub(crate) mapping: Mapping,
    pub(crate) kept: Option<KeptRing>,
}

impl NewRing {
    /// Removes the file of a ring that was never used.
    pub(crate) fn remove(self) {
        if let Some(kept) = self.kept {
            kept.remove();
        }
    }
}

/// A ring in a file. Its lock is held as long as the process lives.
#[derive(Debug)]
pub(crate) struct KeptRing {
    file: LockedFile,
    path: StorePath,
    in_memory: bool,
}

impl KeptRing {
    /// Says that the ring is in use: storing to mapped memory does not change a file's time.
    pub(crate) fn touch(&self) -> io::Result<()> {
        files::touch(self.file.file())
    }

    /// Says in a live folder where the ring is.
    pub(crate) fn write_note(&self, live: &LivePaths) -> io::Result<()> {
        let note = RingNote::new(&self.path, self.file.file(), self.in_memory)?;
        live.ring_note().create_anew()?.write_all(&serde_json::to_vec(&note)?)
    }

    /// Removes the ring, of which everything is in the log.
    pub(crate) fn remove(self) {
        // What stays is removed by the next run of this user.
        let _ = self.path.remove();
    }
}

/// Makes a ring for a writer whose live folder is being made in `unborn` and will be `live`.
///
/// In order: memory that all processes of the machine see, the live folder where its disk can be
/// mapped, memory of this process. `TRACKER_RING` set to `folder` or `memory` begins there.
///
/// # Errors
/// If the system has no memory.
pub(crate) fn make(
    run: &RunId,
    folder: &Path,
    writer: Writer,
    unborn: &LivePaths,
    live: &LivePaths,
) -> io::Result<NewRing> {
    let wish = env::var("TRACKER_RING").unwrap_or_default();
    let header = RingHeader { slots: CAPACITY as u64, writer, folder: folder.to_owned() };
    if wish != "folder"
        && wish != "memory"
        && let Some(shared) = memory_folder()
    {
        let name = memory_name(user_number(), run.as_str(), writer, folder);
        let path = shared.child(name);
        if let Ok(ring) = make_file(&path, &path, &header, unborn, true) {
            return Ok(ring);
        }
    }
    if wish != "memory" && unborn.folder.is_mappable() {
        let made = unborn.folder.child(NAME_IN_FOLDER);
        let path = live.folder.child(NAME_IN_FOLDER);
        if let Ok(ring) = make_file(&made, &path, &header, unborn, false) {
            return Ok(ring);
        }
    }
    Ok(NewRing { mapping: Mapping::anonymous(CAPACITY)?, kept: None })
}

/// Makes a ring in a file at `made`, which will be found at `path`. Leaves no file behind if
/// that fails.
fn make_file(
    made: &StorePath,
    path: &StorePath,
    header: &RingHeader,
    unborn: &LivePaths,
    in_memory: bool,
) -> io::Result<NewRing> {
    let made_ring = || -> io::Result<NewRing> {
        let file = made.create_private()?;
        // Before the file is a ring to anybody, so that it is never taken for a dead one. Who
        // looks for leftovers holds the lock for a moment only.
        file.lock()?;
        let slots = usize::try_from(header.slots).map_err(|_| io::ErrorKind::InvalidInput)?;
        let bytes = HEADER_BYTES + slots * SLOT_BYTES;
        // A mapping of space that is not there would end the process when the disk is full.
        files::allocate(&file, bytes as u64)?;
        files::write_all_at(&file, &header.encode(), 0)?;
        let mapping = Mapping::of_file(&file, slots)?;
        let kept = KeptRing { file: LockedFile::new(file), path: path.clone(), in_memory };
        kept.write_note(unborn)?;
        Ok(NewRing { mapping, kept: Some(kept) })
    };
    made_ring().inspect_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            let _ = made.remove();
        }
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs::{self, File};

    use super::*;

    /// A mapped ring in `folder` and its place.
    pub(crate) fn mapped(folder: &Path, slots: u64) -> (Mapping, StorePath) {
        let path = StorePath::named(folder).child(NAME_IN_FOLDER);
        let live = LivePaths { folder: StorePath::named(folder) };
        let writer = Writer { rank: 0, attempt: 1 };
        let header = RingHeader { slots, writer, folder: folder.to_owned() };
        let ring = make_file(&path, &path, &header, &live, false).unwrap();
        (ring.mapping, path)
    }

    #[test]
    fn a_ring_is_no_one_elses_to_read_and_is_locked() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let live = LivePaths { folder: StorePath::named(folder.path()) };
        let writer = Writer { rank: 0, attempt: 1 };
        let run = RunId::generate();
        let ring = make(&run, folder.path(), writer, &live, &live).unwrap();
        let kept = ring.kept.unwrap();
        assert_eq!(fs::metadata(&kept.path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(File::open(&kept.path).unwrap().try_lock().is_err());
        let path = kept.path.clone();
        kept.remove();
        assert!(!path.exists());
    }
}
