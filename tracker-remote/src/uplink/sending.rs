//! One round after the other.

use std::{
    collections::BTreeSet,
    path::Path as FilePath,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};
use tracker_core::{State, read::RunReader, replica::RunFolder, upkeep};

use super::{
    artifacts::Artifacts,
    cleared::KEPT,
    known::{Clock, Known},
    lane::{Lane, Way},
    long::Uploads,
    note,
    progress::Progress,
    round::{How, Round},
};
use crate::{
    Error, Place, Result, names::ProjectNames, objects::Objects, record::is_unfinished_copy,
};

/// A place in the store that is sent would be taken for a project of it.
fn refuse_own_store(place: &Place, run_folder: &FilePath) -> Result<()> {
    let folder = std::path::absolute(run_folder).unwrap_or_else(|_| run_folder.to_owned());
    match folder.ancestors().nth(2) {
        Some(store) if FilePath::new(place.identity()).starts_with(store) => Err(Error::NoPlace {
            place: place.to_string(),
            reason: format!("it lies in the store that is sent, {}", store.display()),
            hint: "name a folder outside of it".into(),
        }),
        _ => Ok(()),
    }
}

/// Sends one run's folder to a place. It may be dropped or killed at any moment; another one goes on.
///
/// A call blocks its thread until the place has answered: give it a thread of its own beside a training.
#[derive(Debug)]
pub struct Uplink {
    pub(super) way: Arc<Way>,
    lane: Lane,
    artifacts: Artifacts,
    kept: Duration,
    clock: Clock,
    known: Option<Known>,
    behind: u64,
    told: BTreeSet<String>,
    /// The run has ended and the last round went well: its end is waited for, so arrivals wake.
    is_ending: bool,
    /// The run has ended, and what the place has was learned from it after that.
    is_looked_at: bool,
    // Dropped last, after what runs in it.
    runtime: Runtime,
}

impl Uplink {
    /// What sends the run in this folder, `<store>/<project>/<run id>`, to a place. Asks the place nothing yet.
    ///
    /// # Errors
    /// If there is no such folder, or it is no run's.
    pub fn new(place: &Place, run_folder: &FilePath) -> Result<Self> {
        let folder = RunFolder::open(run_folder)?;
        refuse_own_store(place, run_folder)?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|source| Error::Io {
                action: "start a thread for",
                path: run_folder.to_owned(),
                hint: "raise the limits on threads and open files",
                source,
            })?;
        let names = ProjectNames::new(folder.project()).run(folder.id());
        let uploads = Uploads::read(&folder, place);
        let objects = Objects::new(place.clone());
        let way = Arc::new(Way { folder, names, objects, uploads });
        Ok(Self {
            runtime,
            lane: Lane::new(Arc::clone(&way)),
            way,
            artifacts: Artifacts::default(),
            kept: KEPT,
            clock: Clock::default(),
            known: None,
            behind: 0,
            told: BTreeSet::new(),
            is_ending: false,
            is_looked_at: false,
        })
    }

    /// Which files it sends beside points, events and settings.
    #[must_use]
    pub fn artifacts(self, artifacts: Artifacts) -> Self {
        Self { artifacts, ..self }
    }

    /// How many bytes a second it sends at most.
    #[must_use]
    pub fn limit(self, bytes_per_second: Option<u64>) -> Self {
        self.way.objects.limit(bytes_per_second);
        self
    }

    /// How long pieces of logs stay after a part has taken their place: ten minutes unless a test says otherwise.
    #[doc(hidden)]
    #[must_use]
    pub fn keep_pieces(self, kept: Duration) -> Self {
        Self { kept, ..self }
    }

    /// Goes by a clock that is so many microseconds ahead of this machine's.
    #[cfg(test)]
    pub(crate) fn ahead(self, micros: std::sync::Arc<std::sync::atomic::AtomicI64>) -> Self {
        Self { clock: Clock(micros), ..self }
    }

    /// The run's folder.
    pub fn folder(&self) -> &RunFolder {
        &self.way.folder
    }

    /// Where it sends to.
    pub(super) fn place(&self) -> &Place {
        &self.way.objects.place
    }

    /// One round: sends what the place does not have. Seals first what a dead process of the run has left, so that nothing
    /// of it stays in memory alone.
    ///
    /// # Errors
    /// If the place does not do what it is asked, or what lies there is of another folder. What was sent is sent.
    pub fn send(&mut self) -> Result<Progress> {
        self.send_round(true)
    }

    /// As [`send`](Self::send), but `waits` says whether for media and the user's files too: else they go on while this
    /// sender does something, such as [`rest`](Self::rest).
    pub(super) fn send_round(&mut self, waits: bool) -> Result<Progress> {
        let sent = self.try_round(waits);
        self.is_ending &= sent.is_ok();
        let progress = sent.as_ref().cloned().unwrap_or_else(|_| self.progress());
        let (folder, place) = (&self.way.folder, &self.way.objects.place);
        note::tell(folder, place, &progress, self.known.is_some(), sent.as_ref().err());
        sent
    }

    fn try_round(&mut self, waits: bool) -> Result<Progress> {
        if let Some(origin) = is_unfinished_copy(&self.way.folder)? {
            return Err(Error::Elsewhere {
                run: self.way.folder.id().to_string(),
                place: self.way.objects.place.to_string(),
                reason: format!(
                    "it is a copy from {origin}, and the run had not ended there, or not all came"
                ),
                hint: format!(
                    "bring the rest first: `tracker sync {} --from {origin}`",
                    self.way.folder.id()
                ),
            });
        }
        let has_ended = self.has_ended()?;
        self.is_ending = has_ended;
        self.is_looked_at = has_ended && (self.is_looked_at || self.known.is_none());
        let mut is_whole = self.round(waits)?;
        if has_ended && is_whole && !self.is_looked_at {
            // What was sent may have gone since: that all is there is said of what a new look finds.
            self.is_looked_at = true;
            self.known = None;
            is_whole = self.round(waits)?;
        }
        if has_ended && let Some(error) = self.known.as_ref().and_then(Known::refused) {
            return Err(error);
        }
        let mut progress = self.progress();
        progress.all = has_ended && is_whole;
        if has_ended && !is_whole {
            // Not all is there, even if nobody can say how much is missing.
            progress.behind = progress.behind.max(1);
        }
        Ok(progress)
    }

    /// Waits, while files are sent beside. Whether the last of them has arrived and the run's end is waited for, so that a
    /// round is due at once. After a round that failed none is: it would fail again.
    pub(super) fn rest(&self, time: Duration) -> bool {
        let arrive = async {
            if self.is_ending {
                self.lane.arrive().await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        self.runtime.block_on(async { tokio::time::timeout(time, arrive).await.is_ok() })
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        let (bytes, objects) = &self.way.objects.sent;
        Progress {
            all: false,
            behind: self.behind,
            sent: (bytes.load(Relaxed), objects.load(Relaxed)),
            told: self.told.iter().cloned().collect(),
        }
    }

    /// Whether nobody adds to the run any more, before the folder is looked at.
    fn has_ended(&self) -> Result<bool> {
        let run = RunReader::open(self.way.folder.path())?;
        // A writer of whom only a person can know whether it is dead is left to that person.
        let seals = upkeep::seal_dead(&run)?;
        let lives = self.way.folder.lives()?;
        let is_sealed = seals.iter().all(Result::is_ok);
        Ok(run.reopen()?.state() != State::Running
            && is_sealed
            && !lives.values().any(|lives| *lives))
    }

    fn round(&mut self, waits: bool) -> Result<bool> {
        let known = match &mut self.known {
            Some(known) => known,
            none => none.insert(self.runtime.block_on(Known::learn(&self.way))?),
        };
        let how = How { artifacts: self.artifacts, kept: self.kept, clock: &self.clock };
        let mut round = Round::new(&self.way, &mut self.lane, known, how)?;
        let done = self.runtime.block_on(round.run(waits));
        let is_whole = round.is_whole;
        (self.behind, self.told) = (round.behind, round.told);
        known.keep(&self.way);
        done.map(|()| is_whole)
    }

    /// Runs something that asks the place.
    pub(super) fn block_on<T>(&self, asks: impl Future<Output = T>) -> T {
        self.runtime.block_on(asks)
    }

    pub(super) fn artifacts_sent(&self) -> Artifacts {
        self.artifacts
    }
}
