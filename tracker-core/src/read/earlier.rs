//! The run before a run.

use crate::{
    RunId,
    format::layout::file_names,
    read::{Project, RunReader},
};

/// How many earlier runs are looked at: a project may hold any number of another program.
const MOST_TRIED: usize = 20;

/// The newest run of a project that began before `id` and fits; `None` if none of the last twenty does.
pub(crate) fn newest_before(
    project: &Project,
    id: &RunId,
    fits: impl Fn(&RunReader) -> bool,
) -> Option<RunReader> {
    let folder = project.place().hold().ok()?;
    let names = file_names(&folder).ok()?;
    let ids = names.into_iter().filter_map(|name| name.parse::<RunId>().ok());
    let mut earlier: Vec<RunId> = ids.filter(|other| other < id).collect();
    // An id begins with its time.
    earlier.sort_unstable_by(|one, other| other.cmp(one));
    let mut runs = earlier.iter().take(MOST_TRIED).filter_map(|id| project.run(id).ok()?);
    runs.find(fits)
}
