//! Runs as agents name them.

use crate::{
    mcp::arguments::refused,
    ui::{failure::Answer, state::App},
};
use tracker_core::read::{RunReader, Store};

/// The store, if there is one.
pub(crate) fn store(app: &App) -> Answer<Store> {
    let hint = "a training makes it; if there is one elsewhere, a person names it by `--dir`";
    app.library().store().ok_or_else(|| refused("there is no store yet", hint))
}

/// The one run of a name, an id or its beginning, `@latest` or `@best:METRIC`.
pub(crate) fn one(app: &App, reference: &str) -> Answer<RunReader> {
    Ok(store(app)?.find(reference)?)
}

/// The runs that references mean, `@group:NAME` too, each once.
///
/// # Errors
/// If one means none, or there are more than `most`.
pub(crate) fn all(app: &App, references: &[String], most: usize) -> Answer<Vec<RunReader>> {
    let store = store(app)?;
    let mut runs: Vec<RunReader> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for reference in references {
        // A full id needs no look at the others.
        let known = reference.parse().ok().and_then(|id| store.run(&id).ok());
        let found = known.map_or_else(|| store.find_all(reference), |run| Ok(vec![run]))?;
        runs.extend(found.into_iter().filter(|run| seen.insert(run.path().to_owned())));
        if runs.len() > most {
            let error = format!("these are more than {most} runs");
            return Err(refused(error, "name fewer runs, or ask in several calls"));
        }
    }
    Ok(runs)
}
