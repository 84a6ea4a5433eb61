//! Removes a run.

use crate::{
    Error, Result,
    error::IoContext,
    format::{
        layout::RunPaths,
        ring_file::{FoundRing, RingFile, RingNote},
    },
    read::{RunReader, WriterState},
};

/// How the name of a folder begins of which a run is being removed. Readers pass hidden ones over.
pub(super) const REMOVED: &str = ".removed-";

/// A run that was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// How many bytes it took.
    pub bytes: u64,
}

/// Removes a run for good, with everything that it holds, the user's own files too. It is gone for readers
/// in one step; what stays if that is cut off is garbage. [`delete`](crate::upkeep::delete) can be taken back.
///
/// # Errors
/// If a process still logs to it or may do so on another machine, or it cannot be removed.
pub fn remove(run: &RunReader) -> Result<Removed> {
    refuse_if_live(run, "remove")?;
    let paths = run.paths();
    let bytes = paths.folder().size();
    let rings = rings(run)?;
    let hidden = paths.folder().sibling(format!("{REMOVED}{}", paths.folder().name()));
    let hint = "check the permissions of the project's folder";
    if hidden.exists() {
        hidden.remove_all().io_context("remove", &hidden, hint)?;
    }
    paths.folder().rename_to(&hidden).io_context("remove", paths.folder(), hint)?;
    // Somebody may have joined it at the last moment.
    let is_live = RunReader::open_at(RunPaths::at(hidden.clone()))
        .and_then(|moved| refuse_if_live(&moved, "remove"))
        .is_err_and(|error| matches!(error, Error::Refused { .. }));
    if is_live {
        hidden.rename_to(paths.folder()).io_context("restore", paths.folder(), hint)?;
        return refuse_if_live(run, "remove").map(|()| Removed { bytes: 0 });
    }
    hidden.remove_all().io_context("remove", &hidden, "`tracker gc` removes the rest")?;
    for ring in rings {
        ring.remove();
    }
    Ok(Removed { bytes })
}

/// Refuses a run to which a process logs, or may do so on another machine.
pub(super) fn refuse_if_live(run: &RunReader, action: &'static str) -> Result<()> {
    if has_no_process(run.paths()) {
        return Ok(());
    }
    let writers = run.writers()?;
    let find = |state| writers.iter().find(|writer| writer.state == state);
    let (reason, hint) = if let Some(live) = find(WriterState::Live) {
        (
            format!("the process of writer {} still logs to it", live.writer),
            "stop that process first, as with `tracker stop`".to_owned(),
        )
    } else if let Some(lost) = find(WriterState::Lost) {
        // Clocks of machines differ: a person has to say that it is gone.
        (
            format!("writer {} is on a machine that is silent, and may live", lost.writer),
            format!(
                "if that machine is gone, seal the run first: `tracker doctor {} --seal --force`",
                run.info().id
            ),
        )
    } else {
        return Ok(());
    };
    let path = run.path().to_owned();
    Err(Error::Refused { action, path, reason, hint })
}

/// Whether no process has, or has left, anything in a run that is not sealed. So are most, and nothing else of
/// them is read then.
pub(super) fn has_no_process(run: &RunPaths) -> bool {
    run.live_all().names().is_ok_and(|names| names.is_empty())
}

/// The rings of the run's dead writers. Not those of a run of which this one is a copy or a link.
fn rings(run: &RunReader) -> Result<Vec<RingFile>> {
    let ring = |writer| match RingNote::find(&run.paths().live(writer).ring_note()) {
        FoundRing::Open(ring) if ring.header.folder == run.path() => Some(ring),
        _ => None,
    };
    Ok(run.writers()?.into_iter().filter_map(|writer| ring(writer.writer)).collect())
}
