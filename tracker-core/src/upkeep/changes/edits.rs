//! Changes name, group, notes and tags of many runs.

use crate::{
    Result,
    error::IoContext,
    read::{Edit, RunInfo, RunReader, Store},
    upkeep::changes::{
        journal::Entry,
        outcome::Changed,
        record::{Edited, Place, What},
        stops::step,
    },
};

/// Changes name, group, notes or tags of runs, whether they live or have ended. `edit` says of each run what is
/// to be changed; where that is so already, nothing is written.
///
/// # Errors
/// If any of the edits has a name, a tag or notes that cannot be used: then nothing is changed. Or if the
/// store cannot be written.
pub fn edit(store: &Store, runs: &[RunReader], edit: impl Fn(&RunInfo) -> Edit) -> Result<Changed> {
    let mut changed = Changed::nothing();
    let mut edits = Vec::new();
    for run in runs {
        let place = match Place::of(store, run, "edit") {
            Ok(place) => place,
            Err(error) => {
                changed.refuse(run, error);
                continue;
            }
        };
        let after = edit(run.info()).that_differs(run.info());
        after.check()?;
        if after.is_empty() {
            changed.done.push(run.info().id.clone());
        } else {
            let before = after.as_it_is(run.info());
            edits.push((run, Edited { run: place, before, after }));
        }
    }
    if edits.is_empty() {
        return Ok(changed);
    }
    let written = edits.iter().map(|(_, edited)| edited.clone()).collect();
    let entry = Entry::begin(store, What::Edited { runs: written })?;
    let mut edited = 0;
    for (run, Edited { after, .. }) in edits {
        match stopped(run).and_then(|()| run.edit(&after)) {
            Ok(()) => {
                edited += 1;
                changed.done.push(run.info().id.clone());
            }
            Err(error) => changed.refuse(run, error),
        }
    }
    if edited == 0 {
        entry.forget()?;
    } else {
        changed.change = Some(entry.change()?);
    }
    Ok(changed)
}

fn stopped(run: &RunReader) -> Result<()> {
    step().io_context("edit", run.path(), "")
}
