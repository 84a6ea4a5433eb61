//! What must be so before a run gets another place.

use crate::{
    Result,
    format::{folder::StorePath, layout::RunPaths},
    read::{RunReader, WriterState},
    store::{Force, seal_dead},
    upkeep::remove::{has_no_process, refuse_if_live},
};

/// Refuses a run to which somebody still logs, and seals what dead processes left of it: memory is found by
/// the place where the run was.
pub(super) fn be_at_rest(run: &RunReader, action: &'static str) -> Result<()> {
    refuse_if_live(run, action)?;
    if has_no_process(run.paths()) {
        return Ok(());
    }
    for writer in run.writers()? {
        if writer.state == WriterState::Crashed {
            seal_dead(run.paths(), writer.writer, Force::No)?;
        }
    }
    Ok(())
}

/// Whether somebody logs to the run that lies here now: it may have been joined at the last moment.
pub(super) fn is_live(folder: &StorePath) -> bool {
    let paths = RunPaths::at(folder.clone());
    if has_no_process(&paths) {
        return false;
    }
    RunReader::open_at(paths)
        .and_then(|run| refuse_if_live(&run, "move"))
        .is_err_and(|error| matches!(error, crate::Error::Refused { .. }))
}
