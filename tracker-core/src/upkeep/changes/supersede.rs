//! Puts a run in the place of an earlier one of the same id.

use std::io;

use crate::{
    Result, RunId,
    error::IoContext,
    format::{folder::StorePath, layout::RunPaths},
    read::{RunReader, Store},
    upkeep::{
        changes::{
            delete::put_away,
            journal::{Entry, HINT},
            record::{Place, What},
            relocate::rename,
            stops::step,
        },
        remove::refuse_if_live,
    },
};

const ACTION: &str = "replace";

/// Gives the folder `new` the place of a run, which goes into the trash. A person's own files of the run go on with
/// the new one. `begun` learns of the change before anything is done: whoever is cut off from then on finds with it
/// what is [left behind](LeftBehind).
///
/// # Errors
/// If a process logs to the run, or the store cannot be written. The run is in its place then.
pub(crate) fn supersede(
    store: &Store,
    run: &RunReader,
    new: &StorePath,
    begun: impl FnOnce(&RunId) -> Result<()>,
) -> Result<()> {
    refuse_if_live(run, ACTION)?;
    let place = Place::of(store, run, ACTION)?;
    let entry = Entry::begin(store, What::Deleted { runs: vec![place.clone()] })?;
    let put = || {
        begun(&entry.id)?;
        put_away(&entry, run, &place)?;
        let away = entry.project(&place.project).child(place.folder.as_str());
        let here = run.paths().folder();
        rename(new, here, ACTION).inspect_err(|_| {
            let _ = rename(&away, here, "restore");
        })
    };
    if let Err(error) = put() {
        // Without a run in it, it is no change.
        let _ = entry.forget();
        return Err(error);
    }
    let left = LeftBehind::find(store, &entry.id, (&place.project, &place.folder), run.paths());
    left.map_or(Ok(()), |left| left.bring())
}

/// A person's own files of a run that lies in the trash, while the run in its place has none.
#[derive(Debug)]
pub(crate) struct LeftBehind {
    from: StorePath,
    to: StorePath,
}

impl LeftBehind {
    /// Those of the run that a change put into the trash, of this project and folder; `here` is what came in its place.
    pub(crate) fn find(
        store: &Store,
        change: &RunId,
        (project, folder): (&str, &RunId),
        here: &RunPaths,
    ) -> Option<Self> {
        let away = Entry::of(store, change).project(project).child(folder.as_str());
        let (from, to) = (RunPaths::at(away).files(), here.files());
        let has_some = from.names().is_ok_and(|names| !names.is_empty());
        let has_none = !to.exists() || to.names().is_ok_and(|names| names.is_empty());
        (has_some && has_none).then_some(Self { from, to })
    }

    /// Brings them to the run that has come in its place.
    ///
    /// # Errors
    /// If the store cannot be written. They are in the trash then.
    pub(crate) fn bring(&self) -> Result<()> {
        let emptied = step().and_then(|()| match self.to.remove_empty() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        });
        emptied.io_context(ACTION, &self.to, HINT)?;
        rename(&self.from, &self.to, ACTION)
    }
}
