//! The run that a tool changes.

use tracker_core::{
    read::{Edit, RunInfo, RunReader},
    upkeep,
};

use crate::{
    mcp::{
        arguments::{Arguments, refused},
        named_runs,
    },
    ui::{failure::Answer, state::App},
};

/// What is said of the parameter `run` of each tool that changes something.
pub(super) const RUN: &str = "The full id of the run, as find_runs gives it. Names are not taken.";

/// The run of a full id, which may be changed here: a name may be anybody's, and mean another run tomorrow.
pub(super) fn target(app: &App, arguments: &Arguments) -> Answer<RunReader> {
    app.writing().check_server()?;
    let id = arguments.needed("run")?;
    let run = app.library().find(&id).map_err(|_| {
        let hint = "what changes a run takes its full id, as find_runs gives it";
        refused(format!("no run has the id `{id:.40}`"), hint)
    })?;
    app.writing().check(app.library().root(), &run)?;
    Ok(run)
}

/// Makes an edit, and says how it is taken back.
pub(super) fn edit(app: &App, run: &RunReader, edit: impl Fn(&RunInfo) -> Edit) -> Answer<String> {
    let store = named_runs::store(app)?;
    let changed = upkeep::edit(&store, std::slice::from_ref(run), edit)?;
    if let Some(refusal) = changed.refused.into_iter().next() {
        return Err(refusal.error.into());
    }
    Ok(match changed.change {
        Some(change) => format!("a person types `tracker undo {}`", change.id),
        None => "nothing was changed: it was so already".to_owned(),
    })
}
