//! The runs that a command is about, where it may be about many.

use anyhow::{Result, bail};
use tracker_core::{
    State,
    read::{KnownFields, Query, RunFields, RunReader, Store},
    text::plural,
    upkeep::Refusal,
};

use crate::terminal::{
    printer,
    text::{clean, more},
};

/// How many runs are named of which something was not done.
const MOST_NAMED: usize = 5;

/// The runs that references mean, each once; with a query, those of them that fit, or of all runs where nothing is
/// named.
pub(crate) fn chosen(
    store: &Store,
    references: &[String],
    query: Option<&str>,
) -> Result<Vec<RunReader>> {
    let mut runs: Vec<RunReader> = Vec::new();
    for reference in references {
        runs.extend(store.find_all(reference)?);
    }
    let mut seen = std::collections::HashSet::new();
    runs.retain(|run| seen.insert(run.path().to_owned()));
    let Some(query) = query else { return Ok(runs) };
    if references.is_empty() {
        let listing = store.runs()?;
        listing.warnings.iter().for_each(printer::left_out);
        runs = listing.runs;
    }
    that_fit(runs, query)
}

fn that_fit(runs: Vec<RunReader>, text: &str) -> Result<Vec<RunReader>> {
    let fields: Vec<RunFields> = runs.iter().map(RunFields::of).collect::<Result<_, _>>()?;
    let query = Query::parse(text, &KnownFields::of(&fields))?;
    query.notes().iter().for_each(|note| printer::note(note));
    let count = runs.len() as u64;
    let fits = runs.into_iter().zip(&fields).filter(|(_, fields)| query.finds(fields));
    let found: Vec<RunReader> = fits.map(|(run, _)| run).collect();
    if found.is_empty() {
        bail!(
            "none of {} fits `{text}`\nhint: `tracker ls --where` tries a query without changing anything",
            plural(count, "run")
        );
    }
    Ok(found)
}

/// Refuses all of them if one of them trains.
pub(crate) fn refuse_live(runs: &[RunReader], what: &str) -> Result<()> {
    if let Some(run) = runs.iter().find(|run| run.state() == State::Running) {
        bail!(
            "run {} still trains and was not {what}, nor was any other\nhint: stop it first with \
             `tracker stop`, or leave it out",
            run.info().name
        );
    }
    Ok(())
}

/// An error that names the runs of which something was not done, run by run.
pub(crate) fn refuse_rest(refused: &[Refusal], of: usize, what: &str) -> Result<()> {
    if refused.is_empty() {
        return Ok(());
    }
    let reasons: Vec<String> = refused
        .iter()
        .take(MOST_NAMED)
        .map(|refusal| format!("{}: {}", clean(&refusal.name), refusal.error))
        .collect();
    let more = more(refused.len(), MOST_NAMED, "the reasons are like these");
    bail!(
        "{} of {} not {what}\n{}{}",
        refused.len(),
        plural(of as u64, "run"),
        reasons.join("\n"),
        more.map(|more| format!("\n{more}")).unwrap_or_default()
    );
}
