//! Sends media and the user's files beside the points, several at once: however long one takes, points do not wait for it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, Semaphore, SemaphorePermit},
    task::JoinSet,
};
use tracker_core::replica::{FileEntry, FileKind, OpenedFile, RunFolder};

use super::long::{self, Long, Uploads, WHOLE};
use crate::{
    Blob, Error, Result,
    hash::{self, sha256},
    names::RunNames,
    objects::{Compared, Objects},
};

/// How many files are sent at once.
const AT_ONCE: usize = 16;

/// How many MiB of them are in memory at once. A long file takes those of one of its parts.
const MEMORY: u32 = 48;

/// How many of them are long: the others go on beside.
const LONG_AT_ONCE: usize = 2;

/// Up to this length it costs less to send a file than to ask whether it is there.
const SHORT: u64 = 64 << 10;

/// What files are sent from and to.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) folder: RunFolder,
    pub(super) names: RunNames,
    pub(super) objects: Objects,
    pub(super) uploads: Uploads,
}

/// A file that is to be sent, and its hash where that is known.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) file: FileEntry,
    pub(super) known: Option<Blob>,
}

/// What became of a file.
#[derive(Debug)]
pub(super) enum Sent {
    /// It is there.
    Fixed,
    /// Its contents are there, under their hash.
    Blob(Blob),
    /// It is not what it was when the round began.
    Changed,
    /// Something else has its name there.
    Other,
    /// It cannot be read here, and why.
    Unread(String),
}

impl Sent {
    /// Whether it is to be tried again, and not at once.
    fn is_left(&self) -> bool {
        matches!(self, Self::Changed | Self::Unread(_))
    }
}

/// The files that are on their way.
#[derive(Debug)]
pub(super) struct Lane {
    shared: Arc<Shared>,
    workers: JoinSet<()>,
    /// The files that wait or are being sent, by path, and their lengths.
    under_way: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Shared {
    way: Arc<Way>,
    queue: Mutex<VecDeque<Job>>,
    done: Mutex<Vec<(FileEntry, Result<Sent>)>>,
    memory: Semaphore,
    long: Semaphore,
    arrived: Notify,
}

impl Lane {
    pub(super) fn new(way: Arc<Way>) -> Self {
        let shared = Shared {
            way,
            queue: Mutex::default(),
            done: Mutex::default(),
            memory: Semaphore::new(MEMORY as usize),
            long: Semaphore::new(LONG_AT_ONCE),
            arrived: Notify::new(),
        };
        Self { shared: Arc::new(shared), workers: JoinSet::new(), under_way: BTreeMap::new() }
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.under_way.contains_key(path)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// How many bytes wait or are on their way.
    pub(super) fn behind(&self) -> u64 {
        self.under_way.values().sum()
    }

    /// Waits until there is something to tell.
    pub(super) async fn arrive(&self) {
        while !self.has_arrived() {
            self.shared.arrived.notified().await;
        }
    }

    /// Whether all have arrived, or one could not be sent, and no round knows of it yet. Files that change or cannot be
    /// read are no news: they would do so again at once.
    fn has_arrived(&self) -> bool {
        let done = self.shared.done.lock();
        let has_failed = done.iter().any(|(_, sent)| sent.is_err());
        let has_news = done.iter().any(|(_, sent)| !sent.as_ref().is_ok_and(Sent::is_left));
        has_news && (has_failed || done.len() == self.under_way.len())
    }

    /// Takes files to send. They go on whenever this sender's runtime does something.
    pub(super) fn begin(&mut self, jobs: Vec<Job>) {
        let lengths = jobs.iter().map(|job| (job.file.path.clone(), job.file.stamp.length()));
        self.under_way.extend(lengths);
        self.shared.queue.lock().extend(jobs);
        while self.workers.try_join_next().is_some() {}
        // Those that are busy with long files are not all of them.
        let wanted = self.under_way.len().min(AT_ONCE);
        while self.workers.len() < wanted {
            self.workers.spawn(work(Arc::clone(&self.shared)));
        }
    }

    /// Waits until all are sent.
    pub(super) async fn finish(&mut self) {
        while self.workers.join_next().await.is_some() {}
    }

    /// Gives back all that is on its way, to be sent again.
    pub(super) fn stop(&mut self) {
        self.workers = JoinSet::new();
        self.shared.queue.lock().clear();
        self.shared.done.lock().clear();
        self.under_way.clear();
    }

    /// What has become of files since it was last asked. After an error the rest is given back, to be sent again.
    pub(super) fn take(&mut self) -> Vec<(FileEntry, Result<Sent>)> {
        let done = std::mem::take(&mut *self.shared.done.lock());
        for (file, _) in &done {
            self.under_way.remove(&file.path);
        }
        if done.iter().any(|(_, sent)| sent.is_err()) {
            for job in self.shared.queue.lock().drain(..) {
                self.under_way.remove(&job.file.path);
            }
        }
        // A worker that ended by a panic has told nothing of its file.
        while self.workers.try_join_next().is_some() {}
        if self.workers.is_empty() && self.shared.done.lock().is_empty() {
            self.shared.queue.lock().clear();
            self.under_way.clear();
        }
        done
    }
}

impl Shared {
    /// The next file that can be sent now, with what a long one holds until it is sent. Long ones that wait are left to
    /// those who send others.
    fn next(&self) -> Option<(Job, Option<SemaphorePermit<'_>>)> {
        let mut queue = self.queue.lock();
        let permit = self.long.try_acquire().ok();
        let may = |job: &Job| permit.is_some() || !job.is_long();
        let at = queue.iter().position(may)?;
        let job = queue.remove(at)?;
        let permit = permit.filter(|_| job.is_long());
        Some((job, permit))
    }
}

impl Job {
    fn is_long(&self) -> bool {
        self.file.stamp.length() > WHOLE
    }
}

/// Sends files until there are no more that can be sent now, or one cannot be sent.
async fn work(shared: Arc<Shared>) {
    while let Some((job, _long)) = shared.next() {
        let length = job.file.stamp.length();
        let megabytes = length.min(WHOLE).div_ceil(1 << 20).max(1) as u32;
        // Never closed.
        let _memory = shared.memory.acquire_many(megabytes).await.ok();
        let sent = shared.way.send(&job).await;
        let is_over = sent.is_err();
        shared.done.lock().push((job.file, sent));
        shared.arrived.notify_one();
        if is_over {
            return;
        }
    }
}

impl Way {
    async fn send(&self, job: &Job) -> Result<Sent> {
        match self.try_send(job).await {
            // What of the user's cannot be read keeps nothing else here.
            Err(Error::Store(why)) if job.file.kind == FileKind::User => {
                Ok(Sent::Unread(why.to_string()))
            }
            sent => sent,
        }
    }

    async fn try_send(&self, job: &Job) -> Result<Sent> {
        let Some(opened) = self.folder.open_file(&job.file.path)? else { return Ok(Sent::Changed) };
        if job.file.kind == FileKind::Fixed {
            self.send_fixed(&job.file, &opened).await
        } else if job.file.stamp.length() <= WHOLE {
            self.send_short(&job.file, &opened).await
        } else {
            self.send_long(job, &opened).await
        }
    }

    /// A file that never changes, under its own name.
    pub(super) async fn send_fixed(&self, file: &FileEntry, opened: &OpenedFile) -> Result<Sent> {
        let (name, length) = (self.names.file(&file.path), opened.stamp()?.length());
        if length <= WHOLE {
            let bytes = Bytes::from(opened.read(0..length)?);
            let is_same = self.objects.create(&name, bytes, Compared::Ends).await?;
            return Ok(if is_same { Sent::Fixed } else { Sent::Other });
        }
        let end = |range| opened.read(range).map(Bytes::from).unwrap_or_default();
        match self.objects.ends_as(&name, length, end).await? {
            Some(true) => return Ok(Sent::Fixed),
            Some(false) => return Ok(Sent::Other),
            None => {}
        }
        let long = Long { opened, length, sha256: None };
        let is_sent = long::send(&self.objects, &self.uploads, &name, long).await?;
        Ok(if is_sent { Sent::Fixed } else { Sent::Changed })
    }

    async fn send_short(&self, file: &FileEntry, opened: &OpenedFile) -> Result<Sent> {
        let length = file.stamp.length();
        let bytes = opened.read(0..length)?;
        if opened.stamp()? != file.stamp || bytes.len() as u64 != length {
            return Ok(Sent::Changed);
        }
        let blob = Blob { sha256: sha256(&bytes), length };
        let name = self.names.blob(&blob.sha256);
        let is_there = length > SHORT && self.objects.size(&name).await? == Some(length);
        if is_there || self.objects.create(&name, bytes.into(), Compared::Ends).await? {
            Ok(Sent::Blob(blob))
        } else {
            Ok(Sent::Other)
        }
    }

    async fn send_long(&self, job: &Job, opened: &OpenedFile) -> Result<Sent> {
        let length = job.file.stamp.length();
        let sha256 = match &job.known {
            Some(known) => known.sha256.clone(),
            None => hash::of_beginning(opened, length).await?,
        };
        if opened.stamp()? != job.file.stamp {
            return Ok(Sent::Changed);
        }
        let name = self.names.blob(&sha256);
        if self.objects.size(&name).await? != Some(length) {
            let long = Long { opened, length, sha256: Some(&sha256) };
            if !long::send(&self.objects, &self.uploads, &name, long).await? {
                return Ok(Sent::Changed);
            }
        }
        Ok(Sent::Blob(Blob { sha256, length }))
    }
}
