//! Takes a change back.

use std::collections::HashMap;

use crate::{
    Error, Result, RunId,
    error::{IoContext, excerpt},
    format::{
        folder::StorePath,
        layout::{RunPaths, check_project, file_names},
    },
    read::{Edit, RunReader, Store},
    upkeep::{
        changes::{
            journal::{Entry, HINT, entries},
            outcome::{Refusal, Undone},
            record::{Change, Edited, Place, What},
            relocate::{is_folder, may_take, relocate, rename, take_name, take_views},
            sealed::be_at_rest,
            stops::step,
        },
        remove::refuse_if_live,
    },
};

const ACTION: &str = "bring back";

/// Takes a change back: brings runs back from the trash, to the project from which they were moved, or to the
/// name, group, notes and tags that they had. What somebody has changed since stays as it is, and is told.
///
/// Can be cut off and done again. A change of which nothing is left to be taken back is forgotten.
///
/// # Errors
/// If the change has been taken back or its trash emptied since, the project that was renamed is gone, or the store
/// cannot be written.
pub fn undo(store: &Store, change: &Change) -> Result<Undone> {
    let entry = Entry::of(store, &change.id);
    // What is there now counts, not what a page has read some time ago.
    let change = entry.change().map_err(|error| match error {
        Error::Io { .. } => gone(store, &change.id),
        error => error,
    })?;
    let mut undone = Undone { runs: 0, refused: Vec::new() };
    let is_over = match &change.record.what {
        What::Deleted { runs } => bring_back(store, &entry, runs, &mut undone)?,
        What::Moved { to, runs } => move_back(store, to, runs, &mut undone),
        What::Edited { runs } => edit_back(store, runs, &mut undone)?,
        What::ProjectRenamed { from, to, .. } => {
            undone.runs = rename_back(store, from, to)?;
            true
        }
    };
    if is_over {
        entry.forget()?;
    }
    Ok(undone)
}

/// What came of taking one run's change back.
enum Back {
    Done,
    /// Nothing was to be done.
    AsBefore,
    /// It cannot be done, and never will.
    Never(Error),
    /// It cannot be done now.
    NotNow(Error),
}

impl From<Error> for Back {
    fn from(error: Error) -> Self {
        Self::NotNow(error)
    }
}

impl Undone {
    /// Whether nothing is left to be done of this run.
    fn add(&mut self, run: &Place, back: Back) -> bool {
        let (error, is_over) = match back {
            Back::Done => {
                self.runs += 1;
                return true;
            }
            Back::AsBefore => return true,
            Back::Never(error) => (error, true),
            Back::NotNow(error) => (error, false),
        };
        self.refused.push(Refusal { run: run.folder.clone(), name: run.name.clone(), error });
        is_over
    }
}

fn gone(store: &Store, id: &RunId) -> Error {
    Error::RunNotFound {
        reference: id.to_string(),
        root: store.root().to_owned(),
        hint: "the change was taken back already, or `tracker gc` has emptied the trash; `tracker undo --list` \
               shows what can be taken back"
            .into(),
    }
}

/// What lies in the trash goes back, whatever the record says of it.
fn bring_back(store: &Store, entry: &Entry, named: &[Place], undone: &mut Undone) -> Result<bool> {
    let names: HashMap<&RunId, &str> =
        named.iter().map(|place| (&place.folder, place.name.as_str())).collect();
    let there = all_places(store)?;
    let mut is_over = true;
    for (project, runs) in entry.runs()? {
        check_project(&project)?;
        let to = store.project(&project).place();
        if !runs.is_empty() {
            to.create_folder().io_context("create", &to, HINT)?;
        }
        for folder in runs.iter().filter_map(|name| name.parse::<RunId>().ok()) {
            let name =
                names.get(&folder).map_or_else(|| folder.to_string(), |name| (*name).to_owned());
            let away = entry.project(&project).child(folder.as_str());
            let place = Place { folder, project: project.clone(), name };
            let back = bring_one_back(&away, &to, &place, &there);
            is_over &= undone.add(&place, back.unwrap_or_else(Back::from));
        }
    }
    Ok(is_over)
}

/// The projects that have a run's folder of each name.
fn all_places(store: &Store) -> Result<HashMap<String, String>> {
    let mut all = HashMap::new();
    for project in store.projects()? {
        for folder in file_names(&project.place())? {
            all.insert(folder, project.name().to_owned());
        }
    }
    Ok(all)
}

fn bring_one_back(
    away: &StorePath,
    to: &StorePath,
    place: &Place,
    there: &HashMap<String, String>,
) -> Result<Back> {
    let back = to.child(place.folder.as_str());
    let other = there.get(place.folder.as_str()).map(|project| to.sibling(project));
    let taken = match other {
        Some(project) => Some(project.child(place.folder.as_str())),
        None => back.exists().then(|| back.clone()),
    };
    if let Some(taken) = taken {
        return Err(Error::Refused {
            action: ACTION,
            path: away.to_path_buf(),
            reason: format!("{} is there again", taken.display()),
            hint: "move that one out of the store, or delete it".into(),
        });
    }
    match rename(away, &back, ACTION) {
        // Somebody else takes the same change back.
        Err(_) if !away.exists() => Ok(Back::AsBefore),
        renamed => renamed.map(|()| Back::Done),
    }
}

fn move_back(store: &Store, to: &str, runs: &[Place], undone: &mut Undone) -> bool {
    let mut is_over = true;
    for place in runs {
        let back = move_one_back(store, to, place).unwrap_or_else(Back::from);
        is_over &= undone.add(place, back);
    }
    // It may have been made by the change.
    let _ = store.project(to).place().remove_empty();
    is_over
}

fn move_one_back(store: &Store, to: &str, place: &Place) -> Result<Back> {
    check_project(to)?;
    check_project(&place.project)?;
    let now = store.project(to).place().child(place.folder.as_str());
    let before = store.project(&place.project).place();
    let back = before.child(place.folder.as_str());
    if !is_folder(&now) {
        // It may never have been moved.
        return if is_folder(&back) { Ok(Back::AsBefore) } else { missing(store, place, &now) };
    }
    let run = RunReader::open_at(RunPaths::at(now.clone()))?;
    be_at_rest(&run, ACTION)?;
    before.create_folder().io_context("create", &before, HINT)?;
    relocate(&now, &back, &run)?;
    Ok(Back::Done)
}

/// That a run is not where the change has left it.
fn missing(store: &Store, place: &Place, was: &StorePath) -> Result<Back> {
    let refused = |reason: &str, hint: &str| Error::Refused {
        action: ACTION,
        path: was.to_path_buf(),
        reason: reason.into(),
        hint: hint.into(),
    };
    if let Some(change) = that_deleted(store, place)? {
        let last = change.as_str().get(change.as_str().len() - 6..).unwrap_or_default();
        return Ok(Back::NotNow(refused(
            "it is in the trash",
            &format!("bring it back first: `tracker undo {last}`"),
        )));
    }
    Ok(match store.run(&place.folder) {
        Ok(run) => Back::Never(refused(
            &format!("it is in the project {} by now", excerpt(&run.info().project)),
            "move it by hand, with `tracker mv`",
        )),
        Err(Error::RunNotFound { .. }) => Back::Never(refused(
            "it is not in the store any more",
            "it was deleted for good since, or moved away by hand",
        )),
        Err(error) => Back::NotNow(error),
    })
}

/// The change that put a run into the trash, if it lies there.
fn that_deleted(store: &Store, place: &Place) -> Result<Option<RunId>> {
    let holds = |entry: &Entry| {
        let runs = entry.runs().unwrap_or_default();
        runs.iter().any(|(_, runs)| runs.iter().any(|run| run == place.folder.as_str()))
    };
    Ok(entries(store)?.into_iter().find(holds).map(|entry| entry.id))
}

fn edit_back(store: &Store, runs: &[Edited], undone: &mut Undone) -> Result<bool> {
    let listed = store.runs()?.runs;
    // Two projects may have a run of one id: then the one is meant that was edited, wherever another is.
    let mut by_folder: HashMap<(Option<&str>, &str), &RunReader> = HashMap::new();
    for run in &listed {
        let folder = run.paths().folder().name();
        by_folder.insert((None, folder), run);
        by_folder.insert((run.paths().project(), folder), run);
    }
    let mut is_over = true;
    for edited in runs {
        let place = &edited.run;
        let find = |project| by_folder.get(&(project, place.folder.as_str()));
        let found = find(Some(place.project.as_str())).or_else(|| find(None));
        let back = if let Some(run) = found {
            edit_one_back(run, edited)
        } else {
            let was = store.project(&place.project).place().child(place.folder.as_str());
            missing(store, place, &was)?
        };
        is_over &= undone.add(place, back);
    }
    Ok(is_over)
}

fn edit_one_back(run: &RunReader, Edited { before, after, .. }: &Edited) -> Back {
    let is_as = |edit: &Edit| edit.clone().that_differs(run.info()).is_empty();
    if is_as(before) {
        return Back::AsBefore;
    }
    if !is_as(after) {
        return Back::Never(changed_since(run));
    }
    // What somebody could not have typed was there from the start, and cannot be said again.
    match step().io_context("edit", run.path(), HINT).and_then(|()| run.edit(before)) {
        Ok(()) => Back::Done,
        Err(error @ Error::InvalidName { .. }) => Back::Never(error),
        Err(error) => Back::NotNow(error),
    }
}

fn changed_since(run: &RunReader) -> Error {
    Error::Refused {
        action: "edit",
        path: run.path().to_owned(),
        reason: "it has been changed again since".into(),
        hint: "change it by hand".into(),
    }
}

/// How many runs the project has.
fn rename_back(store: &Store, from: &str, to: &str) -> Result<usize> {
    check_project(from)?;
    check_project(to)?;
    if !is_folder(&store.project(to).place()) {
        return not_renamed(store, from, to).map(|()| 0);
    }
    let runs = store.project(to).runs()?.runs;
    for run in &runs {
        refuse_if_live(run, "rename the project of")?;
        be_at_rest(run, "rename the project of")?;
    }
    may_take(store, to, from)?;
    take_name(store, to, from)?;
    Ok(runs.len())
}

/// The change was cut off before the project had its new name, but perhaps not before its views had.
fn not_renamed(store: &Store, from: &str, to: &str) -> Result<()> {
    if is_folder(&store.project(from).place()) {
        return take_views(store, to, from);
    }
    Err(Error::Refused {
        action: "rename back the project",
        path: store.project(to).path(),
        reason: "there is no such project any more".into(),
        hint: "it may have got another name or lost its runs since: `tracker undo --list` shows what else can be \
               taken back"
            .into(),
    })
}
