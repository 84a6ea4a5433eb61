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
    EpochHistory, entry,
    stamp::{self, Stamp},
};

/// How long the end of a training may wait for the last files to be hashed.
const LAST_FILES: Duration = Duration::from_secs(30);
/// How long an entry waits for the values of its epoch, which come on another way.
const VALUES: Duration = Duration::from_secs(2);

/// What a checkpointer has changed.
#[derive(Debug)]
pub(crate) enum Change {
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

/// A thread that takes changes in their order. Dropping it waits for the last of them.
#[derive(Debug)]
pub(crate) struct Worker {
    run: Run,
    changes: Sender<Change>,
}

impl Worker {
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(
        run: Run,
        kind: String,
        history: Arc<EpochHistory>,
    ) -> std::io::Result<Self> {
        let (changes, inbox) = mpsc::channel();
        let recorder = Recorder { run: run.clone(), kind, history };
        let name = "tracker-checkpointer".to_owned();
        thread::Builder::new().name(name).spawn(move || recorder.work(&inbox))?;
        Ok(Self { run, changes })
    }

    pub(crate) fn enter(&self, change: Change) {
        let _ = self.changes.send(change);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let (done, ended) = mpsc::sync_channel(1);
        self.enter(Change::Last(done));
        if ended.recv_timeout(LAST_FILES).is_err() {
            self.run.record(Event::Problem(Problem::new(
                "checkpoints-not-indexed",
                format!("checkpoints could not be hashed within {LAST_FILES:?} of the training"),
                "the files themselves are whole, and the training can be resumed from them",
            )));
        }
    }
}

/// Enters what comes in the index, on the thread.
#[derive(Debug)]
struct Recorder {
    run: Run,
    kind: String,
    history: Arc<EpochHistory>,
}

impl Recorder {
    /// Lets the run go before it says that it is done.
    fn work(self, inbox: &Receiver<Change>) {
        for change in inbox {
            match change {
                Change::Saved { epoch, file } => self.saved(epoch, file),
                Change::Deleted { epoch } => self.run.record(entry::deleted(&self.kind, 1, epoch)),
                Change::Last(done) => {
                    drop(self);
                    let _ = done.send(());
                    return;
                }
            }
        }
    }

    fn saved(&self, epoch: u64, file: Option<(PathBuf, Stamp)>) {
        let artifact = self.artifact(epoch, file);
        let known = self.history.wait_for(epoch, VALUES);
        self.run.record(entry::saved(artifact, &self.kind, epoch, known));
    }

    /// A file that was deleted or replaced since has no hash: the one there is, is another's.
    fn artifact(&self, epoch: u64, file: Option<(PathBuf, Stamp)>) -> Artifact {
        let (name, version) = (entry::name(&self.kind), entry::version(1, epoch));
        let Some((path, stamp)) = file else { return Artifact::new(name, version) };
        let read = stamp::artifact(&name, &version, &path, stamp);
        if let Err(reason) = &read {
            self.run.record(entry::not_indexed(&path, &format!("it was not hashed: {reason}")));
        }
        let mut artifact = read.ok().flatten().unwrap_or_else(|| Artifact::new(name, version));
        artifact.path = Some(entry::artifact_path(Some(self.run.path()), &path));
        artifact
    }
}
