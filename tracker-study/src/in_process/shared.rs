//! What the threads of a study in a program share.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tracker_core::{RunId, studies::StudyFolder};

use super::results::Results;
use crate::{Error, Journal, Result, Watcher};

/// How many trials may fail one after the other before they have logged a value.
const MOST_FAILURES: usize = 3;

/// A study that runs in this program.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) folder: StudyFolder,
    pub(super) root: PathBuf,
    pub(super) cap: u64,
    shared: Mutex<Shared>,
}

/// What only one thread has at a time.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) journal: Journal,
    pub(super) watcher: Watcher,
    /// The trials that this program trains, by number.
    pub(super) own: BTreeMap<usize, Own>,
    /// Whether no trial is to be begun any more.
    pub(super) is_over: bool,
    /// What the watching thread met: the study ends by it.
    pub(super) trouble: Option<Error>,
    failures: Vec<(usize, String)>,
}

/// A trial that this program trains.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) run: RunId,
    /// Says to other processes that the trial is trained, as long as it is open.
    pub(super) _lock: Option<File>,
}

impl Begun {
    pub(super) fn new(
        folder: StudyFolder,
        root: PathBuf,
        journal: Journal,
        watcher: Watcher,
        cap: u64,
    ) -> Self {
        let shared = Shared {
            journal,
            watcher,
            own: BTreeMap::new(),
            is_over: false,
            trouble: None,
            failures: Vec::new(),
        };
        Self { folder, root, cap, shared: Mutex::new(shared) }
    }

    /// All that is shared, for this thread alone. A closure that panicked did so outside.
    pub(super) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has come out.
    pub(super) fn results(&self) -> Result<Results> {
        let mut shared = self.lock();
        shared.journal.read_on()?;
        if let Some(trouble) = shared.trouble.take() {
            return Err(trouble);
        }
        Ok(Results::new(shared.journal.study().clone()))
    }
}

impl Shared {
    /// Remembers that a training failed before it had logged a value.
    ///
    /// # Errors
    /// If that were three, one after the other.
    pub(super) fn failed_at_once(&mut self, number: usize, why: &str) -> Result<()> {
        self.failures.push((number, why.to_owned()));
        if self.failures.len() < MOST_FAILURES {
            return Ok(());
        }
        self.is_over = true;
        let numbers: Vec<String> =
            self.failures.iter().map(|(number, _)| number.to_string()).collect();
        Err(Error::Training {
            what: format!(
                "trials {} failed one after the other; the last one said: {why}",
                numbers.join(", ")
            ),
            hint: "see that the training works with the usual values, then run the study again: it goes on".into(),
        })
    }

    /// Remembers that a training came to something.
    pub(super) fn worked(&mut self) {
        self.failures.clear();
    }
}

/// The right to train a trial, or to say that nobody does.
#[derive(Debug)]
pub(super) enum Claim {
    /// It is ours until the file is closed.
    Ours(File),
    /// Somebody trains it.
    Theirs,
    /// The file system knows no locks.
    Unknown,
}

impl Claim {
    /// Takes the lock of a trial's log: whoever trains the trial holds it.
    pub(super) fn of(folder: &StudyFolder, number: usize) -> Result<Self> {
        let file = folder.append_to_trial_log(number)?;
        Ok(match file.try_lock() {
            Ok(()) => Self::Ours(file),
            Err(TryLockError::WouldBlock) => Self::Theirs,
            Err(TryLockError::Error(_)) => Self::Unknown,
        })
    }
}
