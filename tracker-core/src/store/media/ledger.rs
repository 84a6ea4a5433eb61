//! What became of a run's media, so that its end waits for them and claims no more than is there.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::{
    MediaExtension,
    format::{
        layout::RunPaths,
        media_item::{MediaHash, StoredMedia},
    },
    store::ring::Refused,
};

/// The most files that are remembered, so that a long training does not grow by them.
const MOST_FILES: usize = 1 << 16;

/// The media of one run in this process.
#[derive(Debug, Default)]
pub(crate) struct MediaLedger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    taken: u64,
    done: u64,
    closed: bool,
    /// The files that lines of this process name, the first of them.
    files: HashMap<MediaHash, (MediaExtension, u64)>,
    /// How many bytes the run's files of media have; not known before the first one.
    bytes: Option<u64>,
}

/// Files that were written and are not there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) trouble: Option<String>,
}

impl MediaLedger {
    /// Counts items that are to be stored, unless the run has ended, or `queue` has no room for them.
    /// Then it gives back what found no place.
    pub(super) fn take<T>(
        &self,
        items: u64,
        queue: impl FnOnce() -> Result<(), T>,
    ) -> Result<Result<(), T>, Refused> {
        let mut entries = self.0.lock();
        if entries.closed {
            return Err(Refused::Closed);
        }
        // With the lock held: nobody sees what is queued and not counted.
        let queued = queue();
        if queued.is_ok() {
            entries.taken += items;
        }
        Ok(queued)
    }

    /// Says that items are stored, or never will be.
    pub(super) fn did(&self, items: u64) {
        self.0.lock().done += items;
    }

    /// Takes no more from now on.
    pub(crate) fn close(&self) {
        self.0.lock().closed = true;
    }

    /// How many items were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.0.lock().taken
    }

    /// How many of them are done with, first come, first done.
    pub(crate) fn done(&self) -> u64 {
        self.0.lock().done
    }

    /// How many of them wait.
    pub(crate) fn waiting(&self) -> u64 {
        let entries = self.0.lock();
        entries.taken - entries.done
    }

    /// How many bytes the run has, where that is known.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.0.lock().bytes
    }

    pub(super) fn set_bytes(&self, bytes: u64) {
        self.0.lock().bytes = Some(bytes);
    }

    /// Remembers a file that is there.
    pub(super) fn wrote(&self, file: &StoredMedia) {
        let files = &mut self.0.lock().files;
        if files.len() < MOST_FILES {
            files.insert(file.sha256.clone(), (file.ext, file.bytes));
        }
    }

    /// Looks which files are there, as long as they were written. Calls `found` for each that is: over a
    /// network, a look takes its time.
    pub(crate) fn lost(&self, run: &RunPaths, found: impl Fn()) -> Lost {
        let mut lost = Lost::default();
        let files = std::mem::take(&mut self.0.lock().files);
        for (hash, (extension, bytes)) in &files {
            let place = run.media_file(hash, *extension);
            if place.look().is_ok_and(|look| look.is_file() && look.length == *bytes) {
                found();
                continue;
            }
            lost.count += 1;
            lost.trouble.get_or_insert_with(|| format!("{} is gone", place.display()));
        }
        lost
    }
}
