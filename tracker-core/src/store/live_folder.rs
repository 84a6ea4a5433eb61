//! A writer's live folder: made whole before it can be seen, and made again where somebody takes it
//! away while the writer lives.

use std::{
    fs::File,
    io::{self, Write},
};

use crate::{
    Writer,
    format::{
        folder::StorePath,
        layout::{LivePaths, RunPaths},
        owner::Owner,
    },
    platform::{LockedFile, entry::Look},
    store::ring_memory::KeptRing,
};

/// What says that a writer lives, held as long as it does.
#[derive(Debug)]
pub(crate) struct LiveFolder {
    pub(crate) paths: LivePaths,
    unborn: LivePaths,
    lock: LockedFile,
}

impl LiveFolder {
    /// Makes the folder with its lock held, under another name first, so that no reader sees it
    /// without a lock and takes the run for a dead one. It gets its name by [`appear`](Self::appear).
    pub(crate) fn begin(run: &RunPaths, writer: Writer) -> io::Result<Self> {
        let (paths, unborn) = (run.live(writer), run.unborn(writer));
        // Another writer of the run that ends may take the folder of all live ones away in between.
        let lock = begin_unborn(&unborn).or_else(|_| begin_unborn(&unborn))?;
        unborn.heartbeat().create()?;
        Ok(Self { paths, unborn, lock: LockedFile::new(lock) })
    }

    /// Where its files are made until it appears.
    pub(crate) fn unborn(&self) -> &LivePaths {
        &self.unborn
    }

    pub(crate) fn appear(&self) -> io::Result<()> {
        self.unborn.folder.rename_to(&self.paths.folder)
    }

    /// Gives it its place, after the run's folder was made again.
    pub(crate) fn move_to(&mut self, run: &RunPaths, writer: Writer) {
        (self.paths, self.unborn) = (run.live(writer), run.unborn(writer));
    }

    /// Makes again what is missing of it. Says whether anything was. Logs are not its business.
    pub(crate) fn keep(
        &mut self,
        run: &RunPaths,
        writer: Writer,
        ring: Option<&KeptRing>,
    ) -> io::Result<bool> {
        if !self.paths.folder.exists() {
            *self = Self::begin(run, writer)?;
            if let Some(ring) = ring {
                ring.write_note(&self.unborn)?;
            }
            self.appear()?;
            return Ok(true);
        }
        let has_heartbeat = self.paths.heartbeat().exists();
        if !has_heartbeat {
            self.paths.heartbeat().create()?;
        }
        let has_lock = is_file(&self.paths.lock(), self.lock.file());
        if !has_lock {
            let unnamed = self.paths.folder.child("lock.new");
            self.lock = LockedFile::new(make_lock(&unnamed)?);
            unnamed.rename_to(&self.paths.lock())?;
        }
        let ring = ring.filter(|_| !self.paths.ring_note().exists());
        ring.map_or(Ok(()), |ring| ring.write_note(&self.paths))?;
        Ok(!has_heartbeat || !has_lock || ring.is_some())
    }
}

/// Whether an open file is the one at this place.
fn is_file(place: &StorePath, open: &File) -> bool {
    matches!((place.look(), Look::at(open)), (Ok(here), Ok(open)) if here.file == open.file)
}

fn begin_unborn(unborn: &LivePaths) -> io::Result<File> {
    // Nobody else makes it: whoever claims a writer is alone with it. What is there was left by
    // somebody whose claim was taken back, or does not belong there.
    let _ = unborn.folder.remove_all();
    unborn.folder.create_folder()?;
    make_lock(&unborn.lock())
}

/// Makes a lock that this process holds, if the file system knows locks, and says in it whose it is.
fn make_lock(place: &StorePath) -> io::Result<File> {
    let mut lock = place.create_anew()?;
    // Some network file systems know no locks: then the heartbeat and the owner's process number
    // decide. Who asks whether we live holds the lock for a moment only.
    let is_locked = lock.lock().is_ok();
    let owner = Owner { is_locked, ..Owner::this_process() };
    lock.write_all(&serde_json::to_vec(&owner)?)?;
    Ok(lock)
}
