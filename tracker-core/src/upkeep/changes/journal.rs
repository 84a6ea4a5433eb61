//! The changes that can be taken back, each a folder in the store's `.trash`.

use std::io;

use crate::{
    Error, Result, RunId,
    error::IoContext,
    format::{folder::StorePath, layout::file_names},
    read::Store,
    upkeep::changes::{
        record::{Change, Record, What},
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

const HINT: &str = "check the permissions of the store's folder";

/// A change's folder in the trash.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: RunId,
    pub(super) folder: StorePath,
}

impl Entry {
    /// Writes down what is about to be done. Nothing may be done before.
    pub(super) fn begin(store: &Store, what: What) -> Result<Self> {
        forget_oldest(store);
        let trash = trash_of(store);
        let id = RunId::generate();
        let folder = trash.child(id.as_str());
        let entry = Self { id, folder };
        let written = || {
            step()?;
            entry.folder.create_folder()?;
            step()?;
            let text = serde_json::to_vec(&Record::new(what))?;
            entry.folder.child(CHANGE).replace_with(&text, true)
        };
        written().io_context("write", &entry.folder.child(CHANGE), HINT)?;
        Ok(entry)
    }

    pub(super) fn of(store: &Store, id: &RunId) -> Self {
        Self { id: id.clone(), folder: trash_of(store).child(id.as_str()) }
    }

    /// Where the runs of a project lie in it.
    pub(super) fn project(&self, name: &str) -> StorePath {
        self.folder.child(name)
    }

    /// The projects of which it has runs, each with its runs.
    pub(super) fn runs(&self) -> Result<Vec<(String, Vec<String>)>> {
        let mut all = Vec::new();
        for name in file_names(&self.folder)? {
            let project = self.project(&name);
            if project.look().is_ok_and(|look| look.is_folder()) {
                all.push((name, file_names(&project)?));
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

    pub(super) fn change(&self) -> Result<Change> {
        let place = self.folder.child(CHANGE);
        let text = place.read(MOST_BYTES).io_context("read", &place, HINT)?;
        let damaged = |reason: String| Error::Damaged {
            path: place.to_path_buf(),
            reason,
            hint: "another version of tracker may have written it; what was deleted lies beside it"
                .into(),
        };
        let record: Record =
            serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if !record.is_known() {
            return Err(damaged("it is of a version that is not known here".to_owned()));
        }
        Ok(Change::new(self.id.clone(), record))
    }
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

/// Makes room for one more change. Those that hold deleted runs stay.
fn forget_oldest(store: &Store) {
    let entries = entries(store).unwrap_or_default();
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
