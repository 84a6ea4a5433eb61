//! Takes a change back.

use std::collections::HashMap;

use crate::{
    Error, Result, RunId,
    error::IoContext,
    format::{
        folder::StorePath,
        layout::{RunPaths, check_project},
    },
    read::{Edit, RunReader, Store},
    upkeep::{
        changes::{
            journal::Entry,
            outcome::{Refusal, Undone},
            record::{Change, Edited, Place, What},
            relocate::{is_folder, may_take, relocate, rename, take_name},
            sealed::be_at_rest,
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
/// If the change has been taken back or its trash emptied since, or the store cannot be written.
pub fn undo(store: &Store, change: &Change) -> Result<Undone> {
    let entry = Entry::of(store, &change.id);
    // What is there now counts, not what a page has read some time ago.
    let change = entry.change().map_err(|error| match error {
        Error::Io { .. } => gone(store, &change.id),
        error => error,
    })?;
    let mut undone = Undone { runs: 0, refused: Vec::new() };
    let is_over = match &change.record.what {
        What::Deleted { runs } => {
            bring_back(store, &entry, runs, &mut undone)?;
            undone.refused.is_empty()
        }
        What::Moved { to, runs } => {
            move_back(store, to, runs, &mut undone);
            undone.refused.is_empty()
        }
        // What was edited since is not asked about again.
        What::Edited { runs } => {
            edit_back(store, runs, &mut undone)?;
            true
        }
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

fn gone(store: &Store, id: &RunId) -> Error {
    Error::RunNotFound {
        reference: id.to_string(),
        root: store.root().to_owned(),
        hint: "the change was taken back already, or `tracker gc` has emptied the trash; `tracker undo --list` \
               shows what can be taken back"
            .into(),
    }
}

impl Undone {
    fn refuse(&mut self, run: &Place, error: Error) {
        self.refused.push(Refusal { run: run.folder.clone(), name: run.name.clone(), error });
    }
}

/// What lies in the trash goes back, whatever the record says of it.
fn bring_back(store: &Store, entry: &Entry, named: &[Place], undone: &mut Undone) -> Result<()> {
    let names: HashMap<&RunId, &str> =
        named.iter().map(|place| (&place.folder, place.name.as_str())).collect();
    for (project, runs) in entry.runs()? {
        check_project(&project)?;
        let to = store.project(&project).place();
        if !runs.is_empty() {
            to.create_folder().io_context("create", &to, "check the store's permissions")?;
        }
        for folder in runs.iter().filter_map(|name| name.parse::<RunId>().ok()) {
            let name =
                names.get(&folder).map_or_else(|| folder.to_string(), |name| (*name).to_owned());
            let away = entry.project(&project).child(folder.as_str());
            let place = Place { folder, project: project.clone(), name };
            let back = to.child(place.folder.as_str());
            match free(&back, &away).and_then(|()| rename(&away, &back, ACTION)) {
                Ok(()) => undone.runs += 1,
                Err(error) => undone.refuse(&place, error),
            }
        }
    }
    Ok(())
}

fn free(back: &StorePath, run: &StorePath) -> Result<()> {
    if !back.exists() {
        return Ok(());
    }
    Err(Error::Refused {
        action: ACTION,
        path: run.to_path_buf(),
        reason: format!("{} is there again", back.display()),
        hint: "move that one out of the store, or delete it".into(),
    })
}

fn move_back(store: &Store, to: &str, runs: &[Place], undone: &mut Undone) {
    for place in runs {
        match move_one_back(store, to, place) {
            Ok(true) => undone.runs += 1,
            // It was never moved, or has gone elsewhere since.
            Ok(false) => {}
            Err(error) => undone.refuse(place, error),
        }
    }
}

fn move_one_back(store: &Store, to: &str, place: &Place) -> Result<bool> {
    check_project(to)?;
    check_project(&place.project)?;
    let now = store.project(to).place().child(place.folder.as_str());
    if !is_folder(&now) {
        return Ok(false);
    }
    let run = RunReader::open_at(RunPaths::at(now.clone()))?;
    be_at_rest(&run, ACTION)?;
    let before = store.project(&place.project).place();
    before.create_folder().io_context("create", &before, "check the store's permissions")?;
    relocate(&now, &before.child(place.folder.as_str()), &run)?;
    Ok(true)
}

fn edit_back(store: &Store, runs: &[Edited], undone: &mut Undone) -> Result<()> {
    let listed = store.runs()?.runs;
    let by_folder: HashMap<&str, &RunReader> =
        listed.iter().map(|run| (run.paths().folder().name(), run)).collect();
    for Edited { run: place, before, after } in runs {
        let Some(run) = by_folder.get(place.folder.as_str()) else { continue };
        let is_as = |edit: &Edit| edit.clone().that_differs(run.info()).is_empty();
        if is_as(after) {
            match run.edit(before) {
                Ok(()) => undone.runs += 1,
                Err(error) => undone.refuse(place, error),
            }
        } else if !is_as(before) {
            undone.refuse(place, changed_since(run));
        }
    }
    Ok(())
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
        // The change was cut off before it was made.
        return Ok(0);
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
