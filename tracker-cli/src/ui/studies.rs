//! The journals of the studies that pages ask for, each kept until others need its room.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tracker_core::studies::StudyFolder;
use tracker_study::{Journal, Result, StudyState};

/// How many journals are kept, and how many trials over all of them.
const MOST_JOURNALS: usize = 64;
const MOST_TRIALS: usize = 40_000;

/// The journals that were asked for last, so that only what was appended is read.
#[derive(Debug, Default)]
pub(crate) struct Studies(Mutex<Journals>);

#[derive(Debug, Default)]
struct Journals {
    kept: HashMap<PathBuf, Kept>,
    /// Grows with each use, so that the least is of the journal not used for longest.
    clock: u64,
}

#[derive(Debug)]
struct Kept {
    used: u64,
    trials: usize,
    journal: Arc<Mutex<Journal>>,
}

impl Studies {
    /// Reads a study as it is now.
    ///
    /// # Errors
    /// If its journal cannot be read.
    pub(crate) fn read<T>(
        &self,
        folder: &StudyFolder,
        read: impl FnOnce(&StudyState) -> T,
    ) -> Result<T> {
        let path = folder.path();
        if let Some(kept) = self.known(path) {
            let mut journal = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if journal.read_on().is_ok() {
                return Ok(read(journal.study()));
            }
            // It may be another file by now, which is read from its beginning.
            self.forget(path);
        }
        let journal = Journal::open(folder)?;
        let told = read(journal.study());
        self.keep(path, journal);
        Ok(told)
    }

    fn known(&self, path: &Path) -> Option<Arc<Mutex<Journal>>> {
        let mut journals = self.lock();
        journals.clock += 1;
        let clock = journals.clock;
        let kept = journals.kept.get_mut(path)?;
        kept.used = clock;
        Some(Arc::clone(&kept.journal))
    }

    fn forget(&self, path: &Path) {
        self.lock().kept.remove(path);
    }

    fn keep(&self, path: &Path, journal: Journal) {
        let mut journals = self.lock();
        let (used, trials) = (journals.clock, journal.study().trials.len());
        let kept = Kept { used, trials, journal: Arc::new(Mutex::new(journal)) };
        journals.kept.insert(path.to_owned(), kept);
        while journals.is_large() {
            let others = journals.kept.iter().filter(|(known, _)| known.as_path() != path);
            let oldest = others.min_by_key(|(_, kept)| kept.used).map(|(path, _)| path.clone());
            let Some(oldest) = oldest else { break };
            journals.kept.remove(&oldest);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Journals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journals {
    fn is_large(&self) -> bool {
        let trials: usize = self.kept.values().map(|kept| kept.trials).sum();
        self.kept.len() > MOST_JOURNALS || trials > MOST_TRIALS
    }
}
