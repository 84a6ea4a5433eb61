//! Moves runs to another project, and gives projects other names.

use crate::{
    Error, Result,
    error::{IoContext, excerpt},
    format::{
        folder::StorePath,
        layout::{VIEWS, check_project},
    },
    read::{RunReader, Store},
    upkeep::{
        changes::{
            journal::{Entry, HINT},
            outcome::Changed,
            record::{Place, What},
            sealed::{be_at_rest, is_live},
            stops::step,
        },
        remove::refuse_if_live,
    },
};

const ACTION: &str = "move";

/// Moves runs to a project of the same store, which may be new. A run that is there already is left as it is.
/// What refers to a run names its id, and finds it wherever it lies.
///
/// A run to which a process still logs is refused, as is one of whose id there is a run in that project; the others
/// are moved.
///
/// # Errors
/// If the project's name cannot be used, or the store cannot be written.
pub fn move_runs(store: &Store, runs: &[RunReader], project: &str) -> Result<Changed> {
    check_project(project)?;
    let mut changed = Changed::nothing();
    let mut places = Vec::new();
    let to = store.project(project).place();
    for run in runs {
        match Place::of(store, run, ACTION) {
            Ok(place) if place.project == project => changed.done.push(run.info().id.clone()),
            Ok(place) => match may_move(run, &to, &place) {
                Ok(()) => places.push((run, place)),
                Err(error) => changed.refuse(run, error),
            },
            Err(error) => changed.refuse(run, error),
        }
    }
    if places.is_empty() {
        return Ok(changed);
    }
    let named = places.iter().map(|(_, place)| place.clone()).collect();
    let entry = Entry::begin(store, What::Moved { to: project.to_owned(), runs: named })?;
    step().and_then(|()| to.create_folder()).io_context("create", &to, HINT)?;
    let mut moved = 0;
    for (run, place) in places {
        match relocate(run.paths().folder(), &to.child(place.folder.as_str()), run) {
            Ok(()) => {
                moved += 1;
                changed.done.push(run.info().id.clone());
            }
            Err(error) => changed.refuse(run, error),
        }
    }
    if moved == 0 {
        // It may have been made just now.
        let _ = to.remove_empty();
        entry.forget()?;
    } else {
        changed.change = Some(entry.change()?);
    }
    Ok(changed)
}

fn may_move(run: &RunReader, to: &StorePath, place: &Place) -> Result<()> {
    be_at_rest(run, ACTION)?;
    refuse_taken(run, &to.child(place.folder.as_str()))
}

fn refuse_taken(run: &RunReader, to: &StorePath) -> Result<()> {
    if !to.exists() {
        return Ok(());
    }
    Err(Error::Refused {
        action: ACTION,
        path: run.path().to_owned(),
        reason: format!("{} is there already", to.display()),
        hint: "move one of them out of the store, or delete it".into(),
    })
}

/// Gives a run that is at rest another place, unless somebody begins to log to it meanwhile.
pub(super) fn relocate(from: &StorePath, to: &StorePath, run: &RunReader) -> Result<()> {
    refuse_taken(run, to)?;
    rename(from, to, ACTION)?;
    if is_live(to) {
        rename(to, from, "restore")?;
        return refuse_if_live(run, ACTION);
    }
    Ok(())
}

pub(super) fn rename(from: &StorePath, to: &StorePath, action: &'static str) -> Result<()> {
    step().and_then(|()| from.rename_to(to)).io_context(action, from, HINT)
}

/// Gives a project another name, with its views and notes.
///
/// # Errors
/// If there is no such project, the name cannot be used or is taken, or a process logs to one of its runs.
pub fn rename_project(store: &Store, from: &str, to: &str) -> Result<Changed> {
    check_project(from)?;
    check_project(to)?;
    let mut changed = Changed::nothing();
    let project = store.project(from);
    if !is_folder(&project.place()) {
        return Err(Error::InvalidName {
            what: "project name",
            name: excerpt(from),
            reason: "the store has no such project".into(),
            hint: "`tracker ls` shows the projects of all runs".into(),
        });
    }
    if from == to {
        return Ok(changed);
    }
    let runs = project.runs()?.runs;
    for run in &runs {
        be_at_rest(run, "rename the project of")?;
    }
    may_take(store, from, to)?;
    let what = What::ProjectRenamed { from: from.into(), to: to.into(), runs: runs.len() };
    let entry = Entry::begin(store, what)?;
    take_name(store, from, to)?;
    let now = store.project(to).runs()?.runs;
    if let Some(error) = now.iter().find_map(|run| refuse_if_live(run, ACTION).err()) {
        take_name(store, to, from)?;
        entry.forget()?;
        return Err(error);
    }
    changed.done = runs.iter().map(|run| run.info().id.clone()).collect();
    changed.change = Some(entry.change()?);
    Ok(changed)
}

/// Refuses a name that is another project's.
pub(super) fn may_take(store: &Store, from: &str, to: &str) -> Result<()> {
    let views = |name: &str| views_of(store, name);
    let is_taken = |place: &StorePath| {
        place.names().map_or_else(|_| place.exists(), |names| !names.is_empty())
    };
    let place = store.project(to).place();
    let (path, hint) = if is_taken(&place) {
        (
            place,
            format!(
                "`tracker mv` moves runs into it: `tracker mv --where 'project = {from}' {to}`"
            ),
        )
    } else if is_taken(&views(to)) && is_folder(&views(from)) {
        (views(to), "it has views or notes of a project that is gone: move them away".to_owned())
    } else {
        return Ok(());
    };
    Err(Error::Refused {
        action: "rename the project",
        path: store.project(from).path(),
        reason: format!("{} is there already", path.display()),
        hint,
    })
}

/// Views first: if this is cut off, the project still has its old name, and doing it again goes on.
pub(super) fn take_name(store: &Store, from: &str, to: &str) -> Result<()> {
    take_views(store, from, to)?;
    rename(&store.project(from).place(), &store.project(to).place(), "rename")
}

/// Where both projects have views, each keeps its own.
pub(super) fn take_views(store: &Store, from: &str, to: &str) -> Result<()> {
    let (views, others) = (views_of(store, from), views_of(store, to));
    if is_folder(&views) && others.names().is_ok_and(|names| names.is_empty()) {
        rename(&views, &others, "rename")?;
    }
    Ok(())
}

pub(super) fn is_folder(place: &StorePath) -> bool {
    place.look().is_ok_and(|look| look.is_folder())
}

fn views_of(store: &Store, project: &str) -> StorePath {
    StorePath::named(store.root()).child(VIEWS).child(project)
}
