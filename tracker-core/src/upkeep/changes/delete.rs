//! Puts runs into the trash.

use crate::{
    Error, Result,
    error::IoContext,
    read::{RunReader, Store},
    upkeep::{
        changes::{
            journal::{Entry, HINT},
            outcome::Changed,
            record::{Place, What},
            relocate::rename,
            sealed::{be_at_rest, is_live},
            stops::step,
        },
        remove::refuse_if_live,
    },
};

const ACTION: &str = "delete";

/// Deletes runs with everything that they hold: each goes into the trash in one step, from where
/// [`undo`](crate::upkeep::undo) brings it back as it was, until [`trash`](crate::upkeep::trash) is emptied. The space is free
/// only then.
///
/// A run to which a process still logs, or may do so on another machine, is refused; the others go.
///
/// # Errors
/// If the trash cannot be written.
pub fn delete(store: &Store, runs: &[RunReader]) -> Result<Changed> {
    let mut changed = Changed::nothing();
    let mut places = Vec::new();
    for run in runs {
        let place = refuse_if_live(run, ACTION).and_then(|()| Place::of(store, run, ACTION));
        match place {
            Ok(place) => places.push((run, place)),
            Err(error) => changed.refuse(run, error),
        }
    }
    if places.is_empty() {
        return Ok(changed);
    }
    let named = places.iter().map(|(_, place)| place.clone()).collect();
    let entry = Entry::begin(store, What::Deleted { runs: named })?;
    for (run, place) in places {
        match put_away(&entry, run, &place) {
            Ok(()) => changed.done.push(run.info().id.clone()),
            Err(error) => changed.refuse(run, error),
        }
    }
    if changed.done.is_empty() {
        entry.forget()?;
    } else {
        changed.change = Some(entry.change()?);
    }
    Ok(changed)
}

pub(super) fn put_away(entry: &Entry, run: &RunReader, place: &Place) -> Result<()> {
    // A disk that is full keeps nobody from deleting: what is in memory stays for a day.
    if let Err(error @ Error::Refused { .. }) = be_at_rest(run, ACTION) {
        return Err(error);
    }
    let folder = run.paths().folder();
    let project = entry.project(&place.project);
    let away = project.child(place.folder.as_str());
    step().and_then(|()| project.create_folder()).io_context("create", &project, HINT)?;
    rename(folder, &away, ACTION)?;
    if is_live(&away) {
        rename(&away, folder, "restore")?;
        return refuse_if_live(run, ACTION);
    }
    Ok(())
}
