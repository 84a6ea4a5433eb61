//! The thread behind a tracked checkpointer: hashes what was saved and enters it in the index.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread,
    time::Duration,
};

use tracker_core::{Artifact, Event, Problem, Run, Tracker};

use super::{
    EpochBook, entry,
    stamp::{self, Stamp},
};

/// How long the end of a training may wait for the last files to be hashed.
const LAST_FILES: Duration = Duration::from_secs(30);
/// How long an entry waits for the values of its epoch, which come on another way.
const VALUES: Duration = Duration::from_secs(2);

/// What a checkpointer has done.
#[derive(Debug)]
pub(crate) enum Deed {
    Saved {
        epoch: u64,
        /// The file, and its stamp right after it was saved: it may be deleted or replaced soon.
        file: Option<(PathBuf, Stamp)>,
    },
    Deleted {
        epoch: u64,
    },
    /// There will be none after this.
    Last(SyncSender<()>),
}

/// A thread that takes deeds in their order. Dropping it waits for the last of them.
#[derive(Debug)]
pub(crate) struct Worker {
    run: Run,
    deeds: Sender<Deed>,
}

impl Worker {
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(run: Run, kind: String, book: Arc<EpochBook>) -> std::io::Result<Self> {
        let (deeds, inbox) = mpsc::channel();
        let clerk = Clerk { run: run.clone(), kind, book };
        let name = "tracker-checkpointer".to_owned();
        thread::Builder::new().name(name).spawn(move || clerk.work(&inbox))?;
        Ok(Self { run, deeds })
    }

    pub(crate) fn enter(&self, deed: Deed) {
        let _ = self.deeds.send(deed);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let (done, ended) = mpsc::sync_channel(1);
        self.enter(Deed::Last(done));
        if ended.recv_timeout(LAST_FILES).is_err() {
            self.run.record(Event::Problem(Problem::new(
                "checkpoints-not-indexed",
                format!("checkpoints could not be hashed within {LAST_FILES:?} of the training"),
                "the files themselves are whole, and the training can be resumed from them",
            )));
        }
    }
}

/// Writes the entries.
#[derive(Debug)]
struct Clerk {
    run: Run,
    kind: String,
    book: Arc<EpochBook>,
}

impl Clerk {
    /// Lets the run go before it says that it is done.
    fn work(self, inbox: &Receiver<Deed>) {
        for deed in inbox {
            match deed {
                Deed::Saved { epoch, file } => self.saved(epoch, file),
                Deed::Deleted { epoch } => self.run.record(entry::deleted(&self.kind, epoch)),
                Deed::Last(done) => {
                    drop(self);
                    let _ = done.send(());
                    return;
                }
            }
        }
    }

    fn saved(&self, epoch: u64, file: Option<(PathBuf, Stamp)>) {
        let artifact = self.artifact(epoch, file);
        let known = self.book.wait_for(epoch, VALUES);
        self.run.record(entry::saved(artifact, &self.kind, epoch, known));
    }

    /// A file that was deleted or replaced since has no hash: the one there is, is another's.
    fn artifact(&self, epoch: u64, file: Option<(PathBuf, Stamp)>) -> Artifact {
        let (name, version) = (entry::name(&self.kind), entry::version(epoch));
        let Some((path, stamp)) = file else { return Artifact::new(name, version) };
        let read = stamp::artifact(&name, &version, &path, stamp);
        if let Err(reason) = &read {
            self.run.record(entry::not_indexed(&path, &format!("it was not hashed: {reason}")));
        }
        let mut artifact = read.ok().flatten().unwrap_or_else(|| Artifact::new(name, version));
        artifact.path = Some(entry::place(Some(self.run.path()), &path));
        artifact
    }
}
