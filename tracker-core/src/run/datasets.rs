//! Data sets whose hash is found beside the training.

use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use crate::{
    Problem, Used,
    error::excerpt,
    provenance::contents::{self, Contents},
    store::Session,
    value::words::plural_with,
};

/// What a data set is called in the run.
const KIND: &str = "dataset";

/// The data sets of a run that are being read, one after the other, on one thread.
#[derive(Debug, Default)]
pub(crate) struct Datasets {
    state: Mutex<State>,
    changed: Condvar,
    /// Whether the run has ended, so that nobody waits for hashes.
    is_over: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// Those without a hash yet. The first one is being read.
    waiting: VecDeque<Dataset>,
    /// Whether the thread lives. It ends with the last of them.
    has_thread: bool,
}

/// A file or folder, and what the training calls it.
#[derive(Debug, Clone)]
pub(crate) struct Dataset {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl Dataset {
    fn used(self) -> Used {
        Used { path: Some(self.path), ..Used::new(self.name, KIND) }
    }
}

impl Datasets {
    /// Records a data set, once it is read.
    pub(crate) fn add(self: &Arc<Self>, session: &Arc<Session>, dataset: Dataset) {
        let mut state = self.state.lock();
        if self.is_over.load(Ordering::Relaxed) {
            return session.note_use(dataset.used());
        }
        state.waiting.push_back(dataset);
        if state.has_thread {
            return;
        }
        let (own, of_thread) = (Arc::clone(self), Arc::clone(session));
        let thread = thread::Builder::new().name("tracker-dataset".into());
        match thread.spawn(move || own.read_all(&of_thread)) {
            Ok(_) => state.has_thread = true,
            Err(error) => {
                let unread = state.waiting.pop_back();
                drop(state);
                if let Some(dataset) = unread {
                    session.problem(not_read(&dataset, &error));
                    session.note_use(dataset.used());
                }
            }
        }
    }

    fn read_all(&self, session: &Session) {
        while let Some(dataset) = self.next() {
            let read = contents::read(&dataset.path, &|| self.go_on());
            let mut state = self.state.lock();
            // A run that has ended meanwhile has recorded it without its hash.
            if state.waiting.pop_front().is_none() {
                continue;
            }
            record(session, dataset, read);
            if state.waiting.is_empty() {
                self.changed.notify_all();
            }
        }
    }

    /// The one to read now. Without one, the thread ends.
    fn next(&self) -> Option<Dataset> {
        let mut state = self.state.lock();
        let next = state.waiting.front().cloned();
        state.has_thread = next.is_some();
        next
    }

    fn go_on(&self) -> io::Result<()> {
        if self.is_over.load(Ordering::Relaxed) {
            return Err(io::Error::other("the run has ended"));
        }
        Ok(())
    }

    /// Waits for what is being read, no longer than `patience`. What is not read by then is recorded without
    /// its hash.
    pub(crate) fn finish(&self, session: &Session, patience: Duration) {
        let mut state = self.state.lock();
        self.changed.wait_while_for(&mut state, |state| !state.waiting.is_empty(), patience);
        self.is_over.store(true, Ordering::Relaxed);
        let unread = std::mem::take(&mut state.waiting);
        drop(state);
        if unread.is_empty() {
            return;
        }
        session.problem(not_in_time(unread.len() as u64, patience));
        for dataset in unread {
            session.note_use(dataset.used());
        }
    }
}

fn record(session: &Session, dataset: Dataset, read: io::Result<Contents>) {
    let contents = match read {
        Ok(contents) => contents,
        Err(error) => {
            session.problem(not_read(&dataset, &error));
            return session.note_use(dataset.used());
        }
    };
    if contents.left_out > 0 {
        session.problem(left_out(&dataset, contents.left_out));
    }
    let Contents { sha256, bytes, files, .. } = contents;
    let (sha256, bytes) = (Some(sha256), Some(bytes));
    session.note_use(Used { sha256, bytes, files, ..dataset.used() });
}

fn not_read(dataset: &Dataset, error: &io::Error) -> Problem {
    let (name, path) = (excerpt(&dataset.name), dataset.path.display());
    Problem::new(
        "dataset-not-read",
        format!("the data set `{name}` could not be read: {path}: {error}"),
        "name a file or folder that this process may read; the run has its name and place",
    )
}

fn left_out(dataset: &Dataset, count: u64) -> Problem {
    let name = excerpt(&dataset.name);
    let entries = plural_with(count, "entry", ["is", "are"]);
    Problem::new(
        "dataset-left-out",
        format!(
            "{entries} of the data set `{name}` no plain file, such as a link, and not in its hash"
        ),
        "name the folder that a link leads to as a data set of its own",
    )
}

fn not_in_time(count: u64, patience: Duration) -> Problem {
    let datasets = plural_with(count, "data set", ["was", "were"]);
    let seconds = patience.as_secs();
    let message = format!(
        "{datasets} not read to the end by the end of the run, which waited {seconds} s; they stand there \
         without their hash"
    );
    let hint =
        "call `dataset` at the beginning of the training, or name a smaller file, such as a list";
    Problem { count, ..Problem::new("dataset-not-in-time", message, hint) }
}
