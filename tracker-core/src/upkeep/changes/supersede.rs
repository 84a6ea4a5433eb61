//! Puts a run in the place of an earlier one of the same id.

use crate::{
    Result,
    format::folder::StorePath,
    read::{RunReader, Store},
    upkeep::{
        changes::{
            delete::put_away,
            journal::Entry,
            record::{Place, What},
            relocate::rename,
        },
        remove::refuse_if_live,
    },
};

const ACTION: &str = "replace";

/// Gives the folder `new` the place of a run, which goes into the trash. A person's own files of the run go on with
/// the new one; cut off before that, they lie in the trash.
///
/// # Errors
/// If a process logs to the run, or the store cannot be written. The run is in its place then.
pub(crate) fn supersede(store: &Store, run: &RunReader, new: &StorePath) -> Result<()> {
    refuse_if_live(run, ACTION)?;
    let place = Place::of(store, run, ACTION)?;
    let entry = Entry::begin(store, What::Deleted { runs: vec![place.clone()] })?;
    let put = || {
        put_away(&entry, run, &place)?;
        let away = entry.project(&place.project).child(place.folder.as_str());
        let here = run.paths().folder();
        rename(new, here, ACTION).inspect_err(|_| {
            let _ = rename(&away, here, "restore");
        })?;
        Ok(away)
    };
    let away: StorePath = match put() {
        Ok(away) => away,
        Err(error) => {
            // Without a run in it, it is no change.
            let _ = entry.forget();
            return Err(error);
        }
    };
    let (old, files) = (away.child("files"), run.paths().files());
    if old.names().is_ok_and(|names| !names.is_empty()) && files.remove_empty().is_ok() {
        rename(&old, &files, ACTION)?;
    }
    Ok(())
}
