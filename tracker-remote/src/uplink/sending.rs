//! One round after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path as FilePath,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use bytes::Bytes;
use object_store::{Error as StoreError, PutMode, PutOptions, UpdateVersion, path::Path};
use tokio::runtime::{Builder, Runtime};
use tracker_core::{
    RunId, State, Writer,
    read::RunReader,
    replica::{FileEntry, FileKind, RunFolder},
    upkeep,
};

use super::{
    blobs::Hashes, cleared, growing::Grown, heads::SeenHead, journal::Journal, note,
    objects::Objects, tails::SeenTail,
};
use crate::{
    Error, Manifest, Place, Result,
    fetch::is_unfinished_copy,
    names::{ProjectNames, RunNames, STORE},
};

/// Which files are sent beside points, events and settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Artifacts {
    /// Media, and the user's own files.
    #[default]
    All,
    /// Pictures, tables and files that were logged as media, and not what lies in `files/`.
    Media,
    /// Neither.
    None,
}

/// How far a run is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Whether the run has ended and all that was in its folder when the round began is there.
    pub all: bool,
    /// How many bytes of its folder the place has yet to confirm.
    pub behind: u64,
    /// How many bytes went out since this sender was made, and in how many objects.
    pub sent: (u64, u64),
    /// What stays here or waits, in words: links, files that change while they are sent.
    pub told: Vec<String>,
}

/// Sends one run's folder to a place. It may be dropped or killed at any moment; another one goes on.
///
/// A call blocks its thread until the place has answered: give it a thread of its own beside a training.
#[derive(Debug)]
pub struct Uplink {
    runtime: Runtime,
    pub(super) folder: RunFolder,
    pub(super) names: RunNames,
    pub(super) objects: Objects,
    artifacts: Artifacts,
    kept: Duration,
    known: Option<Known>,
    behind: u64,
    told: BTreeSet<String>,
}

/// What is known of the place, from it alone.
#[derive(Debug)]
struct Known {
    journal: Journal,
    tails: BTreeMap<Writer, Option<SeenTail>>,
    head: Option<SeenHead>,
    manifest: Option<Manifest>,
    blobs: BTreeSet<Path>,
    hashes: Hashes,
    sealed_since: BTreeMap<String, Instant>,
}

/// What one round sees of the folder, and what it knows of the place.
pub(super) struct Round<'a> {
    pub(super) folder: &'a RunFolder,
    pub(super) names: &'a RunNames,
    pub(super) objects: &'a Objects,
    pub(super) artifacts: Artifacts,
    pub(super) kept: Duration,
    pub(super) journal: &'a mut Journal,
    pub(super) tails: &'a mut BTreeMap<Writer, Option<SeenTail>>,
    pub(super) head: &'a mut Option<SeenHead>,
    pub(super) manifest: &'a mut Option<Manifest>,
    pub(super) blobs: &'a mut BTreeSet<Path>,
    pub(super) hashes: &'a mut Hashes,
    pub(super) sealed_since: &'a mut BTreeMap<String, Instant>,
    pub(super) behind: &'a mut u64,
    told: &'a mut BTreeSet<String>,
    pub(super) files: Vec<FileEntry>,
    pub(super) lives: BTreeMap<Writer, bool>,
    pub(super) growing: BTreeMap<Writer, Vec<Grown>>,
    /// Writers of whom a log went while the folder was looked at.
    pub(super) moved: BTreeSet<Writer>,
    /// Whether all that the folder had when the round began has been sent.
    pub(super) is_whole: bool,
}

impl Uplink {
    /// What sends the run in this folder, `<store>/<project>/<run id>`, to a place. Asks the place nothing yet.
    ///
    /// # Errors
    /// If there is no such folder, or it is no run's.
    pub fn new(place: &Place, run_folder: &FilePath) -> Result<Self> {
        let folder = RunFolder::open(run_folder)?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|source| Error::Io {
                action: "start a thread for",
                path: run_folder.to_owned(),
                hint: "raise the limits on threads and open files",
                source,
            })?;
        let names = ProjectNames::new(folder.project()).run(folder.id());
        Ok(Self {
            runtime,
            folder,
            names,
            objects: Objects::new(place.clone(), None),
            artifacts: Artifacts::default(),
            kept: cleared::KEPT,
            known: None,
            behind: 0,
            told: BTreeSet::new(),
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
        let objects = Objects::new(self.objects.place.clone(), bytes_per_second);
        Self { objects, ..self }
    }

    /// How long pieces of logs stay after a part has taken their place: ten minutes unless a test says otherwise.
    #[doc(hidden)]
    #[must_use]
    pub fn keep_pieces(self, kept: Duration) -> Self {
        Self { kept, ..self }
    }

    /// The run's folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// One round: sends what the place does not have. Seals first what a dead process of the run has left, so that nothing
    /// of it stays in memory alone.
    ///
    /// # Errors
    /// If the place does not do what it is asked, or what lies there is of another folder. What was sent is sent.
    pub fn send(&mut self) -> Result<Progress> {
        let sent = self.send_round();
        note::write(self, &sent);
        sent
    }

    fn send_round(&mut self) -> Result<Progress> {
        if let Some(origin) = is_unfinished_copy(&self.folder)? {
            return Err(Error::Elsewhere {
                run: self.folder.id().to_string(),
                place: self.objects.place.to_string(),
                reason: format!(
                    "it is a copy from {origin}, and the run had not ended there, or not all came"
                ),
                hint: format!(
                    "bring the rest first: `tracker sync {} --from {origin}`",
                    self.folder.id()
                ),
            });
        }
        let has_ended = self.has_ended()?;
        let is_whole = self.round()?;
        let mut progress = self.progress();
        progress.all = has_ended && is_whole;
        Ok(progress)
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        let (bytes, objects) = &self.objects.sent;
        Progress {
            all: false,
            behind: self.behind,
            sent: (bytes.load(Relaxed), objects.load(Relaxed)),
            told: self.told.iter().cloned().collect(),
        }
    }

    /// Whether nobody adds to the run any more, before the folder is looked at.
    fn has_ended(&self) -> Result<bool> {
        let run = RunReader::open(self.folder.path())?;
        // A writer of whom only a person can know whether it is dead is left to that person.
        let seals = upkeep::seal_dead(&run)?;
        let lives = self.folder.lives()?;
        let is_sealed = seals.iter().all(Result::is_ok);
        Ok(run.reopen()?.state() != State::Running
            && is_sealed
            && !lives.values().any(|lives| *lives))
    }

    fn round(&mut self) -> Result<bool> {
        self.told.clear();
        if self.known.is_none() {
            self.known = Some(self.runtime.block_on(self.learn())?);
        }
        let Some(known) = &mut self.known else { return Ok(false) };
        let lives = self.folder.lives()?;
        let mut files = self.folder.files()?;
        if self.artifacts == Artifacts::None {
            files.retain(|file| !file.path.starts_with("media/"));
        }
        let mut round = Round {
            folder: &self.folder,
            names: &self.names,
            objects: &self.objects,
            artifacts: self.artifacts,
            kept: self.kept,
            journal: &mut known.journal,
            tails: &mut known.tails,
            head: &mut known.head,
            manifest: &mut known.manifest,
            blobs: &mut known.blobs,
            hashes: &mut known.hashes,
            sealed_since: &mut known.sealed_since,
            behind: &mut self.behind,
            told: &mut self.told,
            files,
            lives,
            growing: BTreeMap::new(),
            moved: BTreeSet::new(),
            is_whole: true,
        };
        let done = self.runtime.block_on(round.run());
        let is_whole = round.is_whole;
        note::write_hashes(&self.folder, &self.objects.place, &mut known.hashes);
        done.map(|()| is_whole)
    }

    /// Learns what is there, from the place alone.
    async fn learn(&self) -> Result<Known> {
        self.try_place().await?;
        Ok(Known {
            journal: Journal::read(&self.objects, &self.names).await?,
            tails: BTreeMap::new(),
            head: None,
            manifest: None,
            blobs: BTreeSet::new(),
            hashes: note::read_hashes(self),
            sealed_since: BTreeMap::new(),
        })
    }

    /// Makes a place one, and tries whether it keeps to conditions. All writes give the object the contents that it has.
    async fn try_place(&self) -> Result<()> {
        const MOST: u64 = 64 << 10;
        let name = Path::from(STORE);
        let new = serde_json::json!({ "format": 1, "store": RunId::generate().to_string() });
        let found = self.objects.get(&name, MOST).await?;
        let bytes = if let Some((bytes, _)) = found {
            bytes
        } else {
            let bytes = Bytes::from(new.to_string());
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            match self.objects.put(&name, bytes.clone(), options).await {
                Ok(_) => bytes,
                Err(StoreError::AlreadyExists { .. }) => {
                    let found = self.objects.get(&name, MOST).await?;
                    found.map_or(bytes, |(bytes, _)| bytes)
                }
                Err(error) => return Err(self.objects.away("write", error)),
            }
        };
        let other = UpdateVersion {
            e_tag: Some("\"00000000000000000000000000000000\"".into()),
            version: None,
        };
        for mode in [PutMode::Create, PutMode::Update(other)] {
            let options = PutOptions { mode, ..PutOptions::default() };
            match self.objects.put(&name, bytes.clone(), options).await {
                Ok(_) => return Err(self.knows_no_conditions()),
                Err(
                    StoreError::AlreadyExists { .. }
                    | StoreError::Precondition { .. }
                    | StoreError::NotImplemented { .. }
                    | StoreError::NotSupported { .. },
                ) => {}
                Err(error) => return Err(self.objects.away("write", error)),
            }
        }
        Ok(())
    }

    fn knows_no_conditions(&self) -> Error {
        Error::NoPlace {
            place: self.objects.place.to_string(),
            reason: "it writes over objects though it is asked not to (If-None-Match, If-Match)"
                .into(),
            hint: "use a place that keeps to these conditions, as S3, MinIO and R2 do".into(),
        }
    }

    /// Runs something that asks the place.
    pub(super) fn block_on<T>(&self, asks: impl Future<Output = T>) -> T {
        self.runtime.block_on(asks)
    }

    pub(super) fn artifacts_sent(&self) -> Artifacts {
        self.artifacts
    }
}

impl Round<'_> {
    async fn run(&mut self) -> Result<()> {
        self.open_growing()?;
        self.look_at_tails().await?;
        self.count_behind();
        self.send_fixed().await?;
        self.send_pieces().await?;
        self.send_tails().await?;
        self.send_head().await?;
        self.clear().await?;
        self.send_user_files().await?;
        if self.is_whole {
            *self.behind = 0;
        }
        Ok(())
    }

    fn count_behind(&mut self) {
        let fixed = self.files.iter().filter(|file| file.kind == FileKind::Fixed);
        let fixed = fixed.filter(|file| !self.journal.has(&self.names.file(&file.path)));
        let fixed: u64 = fixed.map(|file| file.stamp.length()).sum();
        let growing = self
            .growing
            .iter()
            .flat_map(|(writer, files)| files.iter().map(|file| self.behind_of(*writer, file)));
        let behind = fixed + growing.sum::<u64>();
        *self.behind = behind;
    }

    /// Counts bytes of the folder that are confirmed.
    pub(super) fn sent(&mut self, bytes: u64) {
        *self.behind = self.behind.saturating_sub(bytes);
    }

    pub(super) fn tell(&mut self, what: String) {
        self.told.insert(what);
    }

    pub(super) fn elsewhere(&self, reason: &str) -> Error {
        Error::Elsewhere {
            run: self.folder.id().to_string(),
            place: self.objects.place.to_string(),
            reason: reason.to_owned(),
            hint: "another folder, perhaps a copy of this one that trained on, sends this run; nothing \
                   was replaced. Go on with one of the two, or import the other as a run of its own"
                .into(),
        }
    }
}
