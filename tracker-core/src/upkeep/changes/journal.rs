//! The changes that can be taken back, each a folder in the store's `.trash`.

use std::io;

use crate::{
    Error, Result, RunId, Timestamp,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{RunPaths, file_names},
    },
    read::{RunReader, Store},
    upkeep::changes::{
        record::{Change, Place, Record, VERSION, What},
        stops::step,
    },
};

/// The folder of the store for what was deleted, and for what was before other changes.
const TRASH: &str = ".trash";

const CHANGE: &str = "change.json";

/// The most bytes of `change.json`: one of 10,000 edited runs has a twentieth of them.
const MOST_BYTES: u64 = 64 << 20;

/// How many changes are kept that deleted nothing. The trash is emptied by age alone.
const MOST_KEPT: usize = 50;

/// How the name of a folder begins that is being emptied: what was in it cannot be brought back.
pub(super) const EMPTIED: &str = ".emptied-";

/// What helps where the store cannot be written.
pub(super) const HINT: &str =
    "check the permissions of the store's folder, and the space on its disk";

/// A change's folder in the trash.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: RunId,
    pub(super) folder: StorePath,
    /// The folder itself, of a change that is being made: whoever takes it back or empties the trash meanwhile
    /// removes the folder, and no other one takes its place.
    held: Option<StorePath>,
}

impl Entry {
    /// Writes down what is about to be done. Nothing may be done before.
    pub(super) fn begin(store: &Store, what: What) -> Result<Self> {
        let known = entries(store)?;
        forget_oldest(&known);
        // What is deleted lies beside the record and is found without it: a full disk keeps nobody from deleting.
        let is_needed = !matches!(what, What::Deleted { .. });
        let text = serde_json::to_vec(&Record::new(what));
        let text = text.map_err(io::Error::from).io_context("write", store.root(), HINT)?;
        check_size(store, text.len() as u64)?;
        let id = known.first().map_or_else(RunId::generate, |last| RunId::generate_after(&last.id));
        let mut entry = Self::of(store, &id);
        let place = entry.folder.child(CHANGE);
        let made = || {
            step()?;
            entry.folder.create_folder()?;
            entry.folder.hold()
        };
        entry.held = Some(made().io_context("create", &entry.folder, HINT)?);
        match step().and_then(|()| place.replace_with(&text, true)) {
            Err(error) if is_needed || !is_full(&error) => {
                // Nothing is done yet: what stays of it if that fails too is an empty folder.
                let _ = entry.folder.remove_empty();
                Err(error).io_context("write", &place, HINT)
            }
            _ => Ok(entry),
        }
    }

    pub(super) fn of(store: &Store, id: &RunId) -> Self {
        Self { id: id.clone(), folder: trash_of(store).child(id.as_str()), held: None }
    }

    /// Where the runs of a project lie in it.
    pub(super) fn project(&self, name: &str) -> StorePath {
        self.held.as_ref().unwrap_or(&self.folder).child(folder_of(name))
    }

    /// The projects of which it has runs, each with its runs.
    pub(super) fn runs(&self) -> Result<Vec<(String, Vec<String>)>> {
        let mut all = Vec::new();
        for name in file_names(&self.folder)? {
            let folder = self.folder.child(&name);
            if folder.look().is_ok_and(|look| look.is_folder()) {
                all.push((project_of(&name).to_owned(), file_names(&folder)?));
            }
        }
        Ok(all)
    }

    /// Forgets the change, as far as nothing lies in it that was deleted.
    pub(super) fn forget(&self) -> Result<()> {
        for (project, runs) in self.runs()? {
            if !runs.is_empty() {
                return Ok(());
            }
            let _ = self.project(&project).remove_empty();
        }
        let forgotten = || {
            step()?;
            match self.folder.child(CHANGE).remove() {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            step()?;
            self.folder.remove_empty()
        };
        forgotten().io_context("remove", &self.folder, HINT)
    }

    /// What was done. Where nothing says so that can be read, what lies beside it was deleted.
    pub(super) fn change(&self) -> Result<Change> {
        let record = self.record().or_else(|error| self.deleted().ok_or(error))?;
        Ok(Change::new(self.id.clone(), record))
    }

    /// When it was made. After a clock was set back, ids are ahead of it.
    pub(super) fn time(&self) -> Timestamp {
        self.record().map_or_else(|_| self.id.started_at(), |record| record.time)
    }

    fn record(&self) -> Result<Record> {
        let place = self.folder.child(CHANGE);
        let text = place.read(MOST_BYTES).io_context("read", &place, HINT)?;
        let path = place.to_path_buf();
        let damaged = |path, reason| Error::Damaged {
            path,
            reason,
            hint: "`tracker undo --list` names others".into(),
        };
        match Record::version_of(&text) {
            Some(VERSION) => {
                serde_json::from_slice(&text).map_err(|error| damaged(path, error.to_string()))
            }
            Some(version) if version > VERSION => {
                Err(Error::NewerFormat { path, version, known: VERSION })
            }
            _ => Err(damaged(path, "it has no version that is known here".to_owned())),
        }
    }

    /// The runs that lie in it, which may be all that is known of a change.
    fn deleted(&self) -> Option<Record> {
        let mut places = Vec::new();
        for (project, runs) in self.runs().ok()? {
            for folder in runs.iter().filter_map(|run| run.parse::<RunId>().ok()) {
                let run = RunPaths::at(self.project(&project).child(folder.as_str()));
                let name = RunReader::open_at(run).map(|run| run.info().name.clone());
                let name = name.unwrap_or_else(|_| folder.to_string());
                places.push(Place { folder, project: project.clone(), name });
            }
        }
        let what = What::Deleted { runs: places };
        what.has_runs().then(|| Record::found(what, self.id.started_at()))
    }
}

/// What a project's folder is called beside the record. No project's own name begins with a dot.
fn folder_of(project: &str) -> String {
    if is_records(project) { format!(".{project}") } else { project.to_owned() }
}

fn project_of(folder: &str) -> &str {
    folder.strip_prefix('.').filter(|name| is_records(name)).unwrap_or(folder)
}

/// Whether the record, or what will be it, has this name: also where capitals make no difference.
fn is_records(name: &str) -> bool {
    name.get(..CHANGE.len()).is_some_and(|start| start.eq_ignore_ascii_case(CHANGE))
}

/// What could not be read again would keep a change from being taken back.
fn check_size(store: &Store, bytes: u64) -> Result<()> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::Refused {
        action: "change the runs of",
        path: store.root().to_owned(),
        reason: format!(
            "what takes it back again would have {} MiB, and {} are kept",
            bytes >> 20,
            MOST_BYTES >> 20
        ),
        hint: "change fewer runs at a time".into(),
    })
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

pub(super) fn trash_of(store: &Store) -> StorePath {
    StorePath::named(store.root()).child(TRASH)
}

/// The changes of a store, the last one first; of those that cannot be read, none.
pub(super) fn entries(store: &Store) -> Result<Vec<Entry>> {
    let mut ids: Vec<RunId> =
        file_names(&trash_of(store))?.iter().filter_map(|name| name.parse().ok()).collect();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    Ok(ids.iter().map(|id| Entry::of(store, id)).collect())
}

/// The last changes that were made of the runs of a store and can be taken back, the last one first, at most
/// `most`. One that cannot be read is passed over.
///
/// # Errors
/// If the store's trash cannot be listed.
pub fn last_changes(store: &Store, most: usize) -> Result<Vec<Change>> {
    let entries = entries(store)?;
    Ok(entries.iter().filter_map(|entry| entry.change().ok()).take(most).collect())
}

/// The change that was made last and can be taken back.
///
/// # Errors
/// If the store's trash cannot be listed, or what says what was done cannot be read: another version may have written it.
pub fn last_change(store: &Store) -> Result<Option<Change>> {
    for entry in entries(store)? {
        match entry.change() {
            // It was cut off before anything was done.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            change => return change.map(Some),
        }
    }
    Ok(None)
}

/// Makes room for one more change. Those that hold deleted runs stay.
fn forget_oldest(entries: &[Entry]) {
    let holds_none = |entry: &&Entry| {
        entry.runs().is_ok_and(|projects| projects.iter().all(|(_, runs)| runs.is_empty()))
    };
    if entries.len() < MOST_KEPT {
        return;
    }
    for entry in entries.iter().filter(holds_none).skip(MOST_KEPT - 1) {
        // The next change tries again.
        let _ = entry.forget();
    }
}
