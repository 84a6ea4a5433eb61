//! Where a run is written before it has its place: in a folder of the store's `.importing`, with a lock that says
//! that somebody writes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result, RunId, Timestamp,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{LivePaths, MOST_NOTE, RunPaths, check_project, file_names},
        liveness::{Life, life},
    },
    import::origin::{self, WRITER},
    read::Store,
    store::LiveFolder,
    upkeep::{self, Garbage, LeftBehind},
};

const IMPORTING: &str = ".importing";

/// How the name of a folder begins that is being removed.
const REMOVED: &str = ".removed-";

/// The file that says that the run beside it is whole, and where it belongs.
const WHOLE: &str = "whole.json";

/// So long after it has begun, an import has no lock yet.
const UNBORN: Duration = Duration::from_mins(1);

/// So long after it has begun, an import of which nothing is known lives no more.
const LONGEST: Duration = Duration::from_hours(24);

const HINT: &str = "check the disk's free space and the permissions of the store's folder";

/// A hidden folder, gone with the value.
#[derive(Debug)]
pub(crate) struct Hidden {
    entry: StorePath,
    live: Option<LiveFolder>,
}

/// What is said of a run that is whole.
#[derive(Debug, Serialize, Deserialize)]
struct Whole {
    run: RunId,
    project: String,
    /// The change that puts the run into the trash which it replaces.
    #[serde(default)]
    change: Option<RunId>,
}

impl Hidden {
    pub(crate) fn begin(store: &Store) -> Result<Self> {
        let entry = importing(store).child(RunId::generate().as_str());
        let begun = || {
            entry.create_folder()?;
            let live = LiveFolder::begin(&RunPaths::at(entry.clone()), WRITER)?;
            live.appear()?;
            Ok(live)
        };
        // Whoever removes the last one of all takes the folder around them, too.
        let live = begun().or_else(|_| begun()).io_context("create", &entry, HINT)?;
        Ok(Self { entry, live: Some(live) })
    }

    /// Where a run is written.
    pub(crate) fn run(&self, id: &RunId) -> RunPaths {
        RunPaths::at(self.entry.child(id.as_str()))
    }

    /// Says that somebody still writes, where locks do not reach.
    pub(crate) fn beat(&self) {
        if let Some(live) = &self.live {
            let _ = live.paths.heartbeat().touch();
        }
    }

    /// Says that the run is whole: whoever is killed from now on, it takes its place.
    pub(crate) fn mark_whole(&self, run: &RunId, project: &str, change: &RunId) -> Result<()> {
        let mark = self.entry.child(WHOLE);
        let (project, change) = (project.to_owned(), Some(change.clone()));
        let whole = Whole { run: run.clone(), project, change };
        let text = serde_json::to_vec(&whole).map_err(std::io::Error::from);
        text.and_then(|text| mark.replace_with(&text, true)).io_context("write", &mark, HINT)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if upkeep::step().is_err() {
            return;
        }
        // The lock's file is closed before its folder goes.
        self.live = None;
        remove(&self.entry);
    }
}

fn importing(store: &Store) -> StorePath {
    StorePath::named(store.root()).child(IMPORTING)
}

/// Nobody takes half of it for the whole.
fn remove(entry: &StorePath) {
    let hidden = entry.sibling(format!("{REMOVED}{}", entry.name()));
    let gone = entry.rename_to(&hidden).and_then(|()| hidden.remove_all());
    if gone.is_err() {
        let _ = entry.child(WHOLE).remove();
        let _ = entry.remove_all();
    }
    // Fails while there are others, as it should.
    let _ = entry.folder().remove_empty();
}

/// Clears up after imports whose processes are gone: a run that is whole takes its place, with what people had put into the
/// one before it; others go.
pub(crate) fn clear(store: &Store) -> Result<()> {
    for name in file_names(&importing(store))? {
        let entry = importing(store).child(&name);
        if !is_over(&entry) {
            continue;
        }
        if let Some(whole) = Whole::of(&entry) {
            if let Some((from, to)) = whole.unplaced(store, &entry) {
                let placed = to.folder().create_folder().and_then(|()| from.rename_to(&to));
                placed.io_context("rename", &from, HINT)?;
            }
            if let Some(left) = whole.left_behind(store) {
                left.bring()?;
            }
        }
        remove(&entry);
    }
    Ok(())
}

/// What imports have left whose processes were killed, and nobody needs. Removes nothing. A run that is whole and was
/// to replace an earlier one is none of it: the next import gives it its place, and the files of the earlier one.
///
/// # Errors
/// If the store cannot be listed.
pub fn leftovers(store: &Store) -> Result<Vec<Garbage>> {
    let folder = importing(store);
    let entries = file_names(&folder)?.into_iter().map(|name| folder.child(name));
    let is_needed = |entry: &StorePath| {
        Whole::of(entry).is_some_and(|whole| {
            whole.unplaced(store, entry).is_some() || whole.left_behind(store).is_some()
        })
    };
    let useless = entries.filter(|entry| is_over(entry) && !is_needed(entry));
    let garbage = useless.map(|entry| {
        let hidden = entry.sibling(format!("{REMOVED}{}", entry.name()));
        Garbage::hidden_first(entry, hidden, "an import that was cut off")
    });
    Ok(garbage.collect())
}

/// Whether nobody writes there any more.
fn is_over(entry: &StorePath) -> bool {
    let Ok(id) = entry.name().parse::<RunId>() else { return entry.name().starts_with(REMOVED) };
    let age = Timestamp::now().as_micros().saturating_sub(id.started_at().as_micros());
    let age = Duration::from_micros(age.max(0).unsigned_abs());
    let live: LivePaths = RunPaths::at(entry.clone()).live(WRITER);
    if !live.folder.exists() {
        return age > UNBORN;
    }
    match life(&live) {
        Life::Dead => true,
        Life::Silent => age > LONGEST,
        Life::Alive => false,
    }
}

impl Whole {
    /// What is said in a hidden folder; `None` if its run is not whole.
    fn of(entry: &StorePath) -> Option<Self> {
        let text = entry.child(WHOLE).read(MOST_NOTE).ok()?;
        let whole: Self = serde_json::from_slice(&text).ok()?;
        check_project(&whole.project).ok()?;
        Some(whole)
    }

    /// The run where it is not in its place, with that place; `None` if there is a run of its origin.
    fn unplaced(&self, store: &Store, entry: &StorePath) -> Option<(StorePath, StorePath)> {
        let from = entry.child(self.run.as_str());
        let is_free = matches!(origin::find(store, self.run.bits()), Ok(None));
        let to = store.project(&self.project).place().child(self.run.as_str());
        (is_free && from.exists()).then_some((from, to))
    }

    /// What has not come along from the run that it has replaced.
    fn left_behind(&self, store: &Store) -> Option<LeftBehind> {
        let here = origin::find(store, self.run.bits()).ok()??;
        let run = (self.project.as_str(), &self.run);
        (here.id == self.run)
            .then(|| LeftBehind::find(store, self.change.as_ref()?, run, &here.paths))
            .flatten()
    }
}

/// Gives a run the place that nobody has.
pub(crate) fn place(from: &RunPaths, to: &StorePath) -> Result<()> {
    if to.exists() {
        return Err(Error::Refused {
            action: "import",
            path: to.to_path_buf(),
            reason: "another run has come there meanwhile".into(),
            hint: "import again".into(),
        });
    }
    let folder = to.folder();
    folder.create_folder().io_context("create", &folder, HINT)?;
    from.folder().rename_to(to).io_context("rename", from.folder(), HINT)?;
    folder.sync().io_context("sync", &folder, HINT)
}
