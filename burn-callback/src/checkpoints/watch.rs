//! The thread that enters the checkpoints of Burn's default checkpointers in the run's index.
//!
//! Burn keeps its builder's checkpointers to itself, so what they do can only be seen in their
//! folder. They save after the end of an epoch, on threads of their own, and have all ended when
//! the training has.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Weak,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread,
    time::Duration,
};

use tracker_core::{Event, Problem, Tracker};

use super::{EpochHistory, EpochValues, FOLDER, checkpoint_folder::CheckpointFolder, index::Index};

/// How long after an epoch the second look comes. The first comes at once.
const SHORTEST: Duration = Duration::from_millis(50);
/// How far apart looks may be. They are further apart the longer nothing happens.
const LONGEST: Duration = Duration::from_secs(5);
/// How long the index may take to be on the disk before it is read.
const FLUSHED: Duration = Duration::from_secs(1);

/// Follows the checkpoints of one training.
///
/// The tracker is not kept alive by it, so that a run can end while a file is read.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    history: Arc<EpochHistory>,
    tracker: Weak<dyn Tracker>,
    thread: Option<Sender<Message>>,
}

#[derive(Debug)]
enum Message {
    EpochEnded,
    /// The training is over: all files are there.
    Finish(SyncSender<()>),
}

impl Checkpoints {
    /// Follows what Burn's default checkpointers save for a training whose files lie in
    /// `directory`.
    pub(crate) fn watch(tracker: &Arc<dyn Tracker>, directory: &Path) -> Self {
        let run = tracker.context().filter(|run| run.is_stored());
        let history = run.map_or_else(Arc::default, |run| EpochHistory::of(run.id()));
        history.follow();
        let is_later = run.is_some_and(|run| run.position().is_some());
        let run = run.map(|run| run.path().to_path_buf());
        let (sender, inbox) = mpsc::channel();
        let mut folder = CheckpointFolder::open(directory.join(FOLDER), run.as_deref());
        let mut run = run;
        if let Some(path) = run.take_if(|_| is_later) {
            compare_later(&mut folder, &history, &**tracker, &path);
        }
        let watcher = Watcher {
            folder,
            run,
            history: Arc::clone(&history),
            tracker: Arc::downgrade(tracker),
            inbox,
        };
        let name = "tracker-checkpoints".to_owned();
        let spawned = thread::Builder::new().name(name).spawn(move || watcher.run());
        if let Err(error) = &spawned {
            tracker.record(unwatched(&format!("no thread could be started: {error}")));
        }
        Self { history, tracker: Arc::downgrade(tracker), thread: spawned.ok().map(|_| sender) }
    }

    /// Enters an epoch that has ended. Only hands it on.
    pub(crate) fn epoch_ended(&self, values: EpochValues) {
        self.history.epoch_ended(values);
        if let Some(thread) = &self.thread {
            let _ = thread.send(Message::EpochEnded);
        }
    }

    /// Waits until all checkpoints are in the index, `timeout` at most. To be called when Burn
    /// saves nothing more.
    pub(crate) fn finish(&self, timeout: Duration) {
        let Some(thread) = &self.thread else { return };
        let (done, finished) = mpsc::sync_channel(1);
        let sent = thread.send(Message::Finish(done)).map_err(|_| RecvTimeoutError::Disconnected);
        let reason = match sent.and_then(|()| finished.recv_timeout(timeout)) {
            Ok(()) => return,
            Err(RecvTimeoutError::Timeout) => format!("it took longer than {timeout:?}"),
            Err(RecvTimeoutError::Disconnected) => "the thread that does it is gone".to_owned(),
        };
        if let Some(tracker) = self.tracker.upgrade() {
            tracker.record(unwatched(&reason));
        }
    }
}

/// The thread's own part.
#[derive(Debug)]
struct Watcher {
    folder: CheckpointFolder,
    /// The run's folder, if its index was not read yet.
    run: Option<PathBuf>,
    history: Arc<EpochHistory>,
    tracker: Weak<dyn Tracker>,
    inbox: Receiver<Message>,
}

impl Watcher {
    fn run(mut self) {
        self.compare();
        let mut wait = SHORTEST;
        loop {
            self.look(false);
            match self.inbox.recv_timeout(wait) {
                Ok(Message::EpochEnded) => wait = SHORTEST,
                Ok(Message::Finish(done)) => {
                    self.look(true);
                    let _ = done.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => wait = (wait * 2).min(LONGEST),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Reads what is already in the index of the run.
    fn compare(&mut self) {
        let Some(run) = &self.run else { return };
        if let Some(tracker) = self.tracker.upgrade() {
            // What is late is entered twice, which only tells the same once more.
            let _ = tracker.flush(FLUSHED);
        }
        match Index::read(run) {
            Ok(index) => self.folder.compare(&index),
            Err(error) => tell(&self.tracker, unwatched(&format!("{error}"))),
        }
    }

    fn look(&mut self, last: bool) {
        let Self { folder, history, tracker, .. } = self;
        folder.look(history, last, &mut |event| tell(tracker, event));
    }
}

/// Reads the index before a later training of the run begins: its checkpoints have names of their own, and
/// the best one may be another training's.
fn compare_later(
    folder: &mut CheckpointFolder,
    history: &EpochHistory,
    tracker: &dyn Tracker,
    run: &Path,
) {
    let _ = tracker.flush(FLUSHED);
    match Index::read(run) {
        Ok(index) => {
            folder.compare(&index);
            history.begin_later(index.best_loss());
        }
        Err(error) => tracker.record(unwatched(&format!("{error}"))),
    }
}

fn tell(tracker: &Weak<dyn Tracker>, event: Event) {
    if let Some(tracker) = tracker.upgrade() {
        tracker.record(event);
    }
}

fn unwatched(reason: &str) -> Event {
    Event::Problem(Problem::new(
        "checkpoints-not-indexed",
        format!("not all checkpoints are among the run's artifacts: {reason}"),
        "the files themselves are whole, and the training can be resumed from them",
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tracker_core::MemoryTracker;

    use super::*;
    use crate::checkpoints::{
        part::Part,
        samples::{ended, save},
    };

    fn tracked() -> (MemoryTracker, Arc<dyn Tracker>) {
        let memory = MemoryTracker::new();
        let tracker: Arc<dyn Tracker> = Arc::new(memory.clone());
        (memory, tracker)
    }

    fn artifacts(memory: &MemoryTracker) -> usize {
        let events = memory.events();
        events.iter().filter(|event| matches!(event, Event::Artifact(_))).count()
    }

    /// A training's folder with the records of its first epoch.
    fn saved() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join(FOLDER);
        std::fs::create_dir(&folder).unwrap();
        for part in Part::ALL {
            save(&folder, part, 1, 0);
        }
        directory
    }

    #[test]
    fn a_training_without_checkpoints_has_no_entries_and_no_problems() {
        let directory = tempfile::tempdir().unwrap();
        let (memory, tracker) = tracked();
        let checkpoints = Checkpoints::watch(&tracker, directory.path());
        checkpoints.epoch_ended(ended(1, 0.5));
        checkpoints.finish(Duration::from_mins(1));
        assert_eq!(memory.events(), []);
    }

    #[test]
    fn the_records_of_an_epoch_are_entered_before_the_next_one_ends() {
        let directory = tempfile::tempdir().unwrap();
        let (memory, tracker) = tracked();
        let checkpoints = Checkpoints::watch(&tracker, directory.path());
        checkpoints.epoch_ended(ended(1, 0.5));
        let folder = directory.path().join(FOLDER);
        std::fs::create_dir(&folder).unwrap();
        for part in Part::ALL {
            save(&folder, part, 1, 0);
        }
        let end = Instant::now() + Duration::from_mins(1);
        while artifacts(&memory) < 3 && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(artifacts(&memory), 3);
        checkpoints.finish(Duration::from_mins(1));
        assert_eq!(artifacts(&memory), 3);
    }

    #[test]
    fn a_tracker_that_is_let_go_is_not_kept() {
        let directory = tempfile::tempdir().unwrap();
        let (_, tracker) = tracked();
        let checkpoints = Checkpoints::watch(&tracker, directory.path());
        let weak = Arc::downgrade(&tracker);
        drop(tracker);
        checkpoints.epoch_ended(ended(1, 0.5));
        checkpoints.finish(Duration::from_mins(1));
        assert!(weak.upgrade().is_none());
    }

    /// A tracker that takes its time for every artifact.
    #[derive(Debug)]
    struct Slow(MemoryTracker);

    impl Tracker for Slow {
        fn metric_id(&self, name: &str) -> tracker_core::MetricId {
            self.0.metric_id(name)
        }
        fn write(&self, points: &[tracker_core::Point]) {
            self.0.write(points);
        }
        fn record(&self, event: Event) {
            if let Event::Artifact(_) = event {
                thread::sleep(Duration::from_secs(1));
            }
            self.0.record(event);
        }
        fn flush(&self, timeout: Duration) -> tracker_core::Result<()> {
            self.0.flush(timeout)
        }
        fn finish(
            &self,
            outcome: tracker_core::Outcome,
        ) -> tracker_core::Result<tracker_core::Report> {
            self.0.finish(outcome)
        }
    }

    #[test]
    fn the_end_of_a_training_waits_only_as_long_as_it_may() {
        let (memory, _) = tracked();
        let tracker: Arc<dyn Tracker> = Arc::new(Slow(memory.clone()));
        let directory = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::watch(&tracker, directory.path());
        let later = saved();
        std::fs::rename(later.path().join(FOLDER), directory.path().join(FOLDER)).unwrap();
        checkpoints.epoch_ended(ended(1, 0.5));
        checkpoints.finish(Duration::from_millis(10));
        let kinds: Vec<_> = memory.problems().into_iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, ["checkpoints-not-indexed"]);
    }
}
