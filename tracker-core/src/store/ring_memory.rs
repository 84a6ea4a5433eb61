//! Chooses the memory of a run's ring: such that outlives the process, wherever there is any.

use std::{
    env,
    fs::{self, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{FallocateFlags, Timespec, Timestamps, UTIME_NOW, fallocate, futimens};

use crate::{
    RunId, Writer,
    format::{
        layout::LivePaths,
        ring_file::{HEADER_BYTES, MEMORY_FOLDER, RingHeader, RingNote, memory_name},
        slot::SLOT_BYTES,
    },
    store::{
        mapping::{LockedFile, Mapping},
        ring::CAPACITY,
    },
};

/// The name of a ring that lies in the live folder itself.
const NAME_IN_FOLDER: &str = "ring.slots";

/// Magic numbers of file systems whose mappings are as reliable as memory once space is
/// allocated: ext2 to ext4 and XFS. From `linux/magic.h`.
const MAPPABLE: [u64; 2] = [0xef53, 0x5846_5342];

/// The time that a file's own machine has now.
pub(crate) const NOW: Timestamps = Timestamps {
    last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
    last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
};

/// A ring's memory, and the file that holds it if it outlives the process.
#[derive(Debug)]
pub(crate) struct NewRing {
    pub(crate) mapping: Mapping,
    pub(crate) kept: Option<KeptRing>,
}

/// A ring in a file. Its lock is held as long as the process lives.
#[derive(Debug)]
pub(crate) struct KeptRing {
    file: LockedFile,
    path: PathBuf,
}

impl KeptRing {
    /// Says that the ring is in use: storing to mapped memory does not change a file's time.
    pub(crate) fn touch(&self) -> io::Result<()> {
        Ok(futimens(self.file.file(), &NOW)?)
    }

    /// Removes the ring, of which everything is in the log.
    pub(crate) fn remove(self) {
        // What stays is removed by the next run of this user.
        let _ = fs::remove_file(&self.path);
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
    if wish != "folder" && wish != "memory" && cfg!(target_os = "linux") {
        let user = rustix::process::getuid().as_raw();
        let path = Path::new(MEMORY_FOLDER).join(memory_name(user, run.as_str(), writer, folder));
        if let Ok(ring) = make_file(&path, &path, &header, unborn, true) {
            return Ok(ring);
        }
    }
    if wish != "memory" && is_mappable(&unborn.folder) {
        let made = unborn.folder.join(NAME_IN_FOLDER);
        let path = live.folder.join(NAME_IN_FOLDER);
        if let Ok(ring) = make_file(&made, &path, &header, unborn, false) {
            return Ok(ring);
        }
    }
    Ok(NewRing { mapping: Mapping::anonymous(CAPACITY)?, kept: None })
}

/// Makes a ring in a file at `made`, which will be found at `path`. Leaves no file behind if
/// that fails.
fn make_file(
    made: &Path,
    path: &Path,
    header: &RingHeader,
    unborn: &LivePaths,
    in_memory: bool,
) -> io::Result<NewRing> {
    let made_ring = || -> io::Result<NewRing> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(made)?;
        // Before the file is a ring to anybody, so that it is never taken for a dead one. Who
        // looks for leftovers holds the lock for a moment only.
        file.lock()?;
        let slots = usize::try_from(header.slots).map_err(|_| io::ErrorKind::InvalidInput)?;
        let bytes = HEADER_BYTES + slots * SLOT_BYTES;
        // A mapping of space that is not there would end the process when the disk is full.
        fallocate(&file, FallocateFlags::empty(), 0, bytes as u64)?;
        file.write_all_at(&header.encode(), 0)?;
        let mapping = Mapping::of_file(&file, slots)?;
        let note = serde_json::to_vec(&RingNote::new(path, &file, in_memory)?)?;
        fs::write(unborn.ring_note(), note)?;
        let kept = KeptRing { file: LockedFile::new(file), path: path.to_owned() };
        Ok(NewRing { mapping, kept: Some(kept) })
    };
    made_ring().inspect_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            let _ = fs::remove_file(made);
        }
    })
}

#[cfg(target_os = "linux")]
fn is_mappable(folder: &Path) -> bool {
    let kind = rustix::fs::statfs(folder).map(|system| system.f_type.cast_unsigned());
    kind.is_ok_and(|kind| MAPPABLE.contains(&kind))
}

#[cfg(not(target_os = "linux"))]
fn is_mappable(_: &Path) -> bool {
    false
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs::File;

    use super::*;

    /// A mapped ring in `folder` and its path.
    pub(crate) fn mapped(folder: &Path, slots: u64) -> (Mapping, PathBuf) {
        let path = folder.join(NAME_IN_FOLDER);
        let live = LivePaths { folder: folder.to_owned() };
        let writer = Writer { rank: 0, attempt: 1 };
        let header = RingHeader { slots, writer, folder: folder.to_owned() };
        let ring = make_file(&path, &path, &header, &live, false).unwrap();
        (ring.mapping, path)
    }

    #[test]
    fn a_ring_is_no_one_elses_to_read_and_is_locked() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let live = LivePaths { folder: folder.path().to_owned() };
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
