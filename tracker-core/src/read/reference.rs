//! How people name a run.

use crate::{
    Error, Result,
    format::layout::check_project,
    read::{RunReader, Store, best::best},
    value::words::plural,
};

const LATEST: &str = "@latest";
const BEST: &str = "@best:";

/// The shortest beginning of an id that is taken for one.
const SHORTEST_PREFIX: usize = 3;

/// Finds a run by id, beginning of an id, name, `@latest`, `@latest~N` or `@best:METRIC`; with a project and
/// a `/` before it, among the runs of that project.
pub(crate) fn find(store: &Store, reference: &str) -> Result<RunReader> {
    let found = find_among(store, store.runs()?.runs, reference);
    let Err(Error::RunNotFound { .. }) = &found else { return found };
    let Some((project, rest)) =
        reference.split_once('/').and_then(|(name, rest)| Some((project_of(name)?, rest)))
    else {
        return found;
    };
    let Ok(listing) = store.project(project).runs() else { return found };
    find_among(store, listing.runs, rest)
}

/// What stands before a slash, if it may be the name of a project.
pub(crate) fn project_of(name: &str) -> Option<&str> {
    (check_project(name).is_ok() && !name.starts_with('@')).then_some(name)
}

fn find_among(store: &Store, runs: Vec<RunReader>, reference: &str) -> Result<RunReader> {
    if let Some(rest) = reference.strip_prefix(BEST) {
        let index = best(&runs, rest, store.root())?;
        return take(runs, index).ok_or_else(|| not_found(store, reference, &[]));
    }
    if let Some(rest) = reference.strip_prefix('@') {
        return nth_latest(store, runs, rest, reference);
    }
    if let Some(index) = runs.iter().position(|run| run.info().name == reference) {
        return take(runs, index).ok_or_else(|| not_found(store, reference, &[]));
    }
    let wanted = reference.to_ascii_uppercase();
    let is_match = |run: &RunReader| {
        wanted.len() >= SHORTEST_PREFIX && run.info().id.as_str().starts_with(&wanted)
    };
    let matches: Vec<usize> = (0..runs.len()).filter(|index| is_match(&runs[*index])).collect();
    match matches.as_slice() {
        [] => Err(not_found(store, reference, &runs)),
        [only] => take(runs, *only).ok_or_else(|| not_found(store, reference, &[])),
        several => Err(Error::AmbiguousRun {
            reference: crate::error::excerpt(reference),
            candidates: several.iter().map(|index| label(&runs[*index])).collect(),
        }),
    }
}

fn take(runs: Vec<RunReader>, index: usize) -> Option<RunReader> {
    runs.into_iter().nth(index)
}

fn nth_latest(
    store: &Store,
    runs: Vec<RunReader>,
    rest: &str,
    reference: &str,
) -> Result<RunReader> {
    let back = match rest.strip_prefix(&LATEST[1..]) {
        Some("") => Some(0),
        Some(rest) => rest.strip_prefix('~').and_then(|number| number.parse().ok()),
        None => None,
    };
    let Some(back) = back else {
        return Err(Error::RunNotFound {
            reference: crate::error::excerpt(reference),
            root: store.root().to_owned(),
            hint: "write `@latest`, `@latest~1` for the run before it, or `@best:METRIC`".into(),
        });
    };
    let found = runs.len();
    take(runs, back).ok_or_else(|| Error::RunNotFound {
        reference: crate::error::excerpt(reference),
        root: store.root().to_owned(),
        hint: match found {
            0 => "the store has no runs yet; train once to get the first".into(),
            _ => format!("the store has {}; `tracker ls` shows them", plural(found as u64, "run")),
        },
    })
}

fn not_found(store: &Store, reference: &str, runs: &[RunReader]) -> Error {
    let similar = runs.iter().find(|run| {
        let name = &run.info().name;
        !reference.is_empty() && (name.contains(reference) || reference.contains(name.as_str()))
    });
    let hint = match similar {
        Some(run) => format!("did you mean `{}`? `tracker ls` shows all runs", run.info().name),
        None => "`tracker ls` shows all runs; name one by its name, its id or `@latest`".into(),
    };
    Error::RunNotFound {
        reference: crate::error::excerpt(reference),
        root: store.root().to_owned(),
        hint,
    }
}

fn label(run: &RunReader) -> String {
    format!("{} ({})", run.info().id, run.info().name)
}
