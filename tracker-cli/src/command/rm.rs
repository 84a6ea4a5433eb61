//! `tracker rm`: removes runs for good.

use std::io::{self, BufRead, IsTerminal};

use anyhow::bail;
use tracker_core::{
    State,
    read::{RunReader, Store},
    text::plural,
    upkeep,
};

use crate::{
    answers::{
        command::removal::{Removed, RemovedRun},
        versioned::Versioned,
    },
    args::Rm,
    terminal::{
        printer,
        text::{clean, more, size},
    },
    view::{forks::Forks, short_id::ShortIds},
};

/// How many forks are named that keep a run from being removed.
const MAX_FORKS: usize = 5;

/// Runs `tracker rm`.
pub(crate) fn run(store: &Store, args: &Rm) -> anyhow::Result<()> {
    let runs = named(store, &args.runs)?;
    if let Some(run) = runs.iter().find(|run| run.state() == State::Running) {
        bail!(
            "run {} still trains and was not removed, nor was any other\nhint: stop it first with \
             `tracker stop`, or leave it out",
            run.info().name
        );
    }
    if !args.force {
        refuse_parents(store, &runs)?;
    }
    if !args.yes && !is_agreed(store, &runs)? {
        printer::note("nothing was removed");
        return Ok(());
    }
    let mut removed = Vec::new();
    for run in &runs {
        removed.push(RemovedRun { id: run.info().id.as_str(), bytes: upkeep::remove(run)?.bytes });
    }
    let bytes = removed.iter().map(|run| run.bytes).sum();
    if args.json {
        printer::json(&Versioned::new(Removed { removed, bytes }))?;
    } else {
        let count = plural(removed.len() as u64, "run");
        printer::text(&format!("removed {count} of {}\n", size(bytes)))?;
    }
    Ok(())
}

/// The curves of forks begin with those of the runs from which they were forked: these are not removed before
/// them.
fn refuse_parents(store: &Store, runs: &[RunReader]) -> anyhow::Result<()> {
    let listed = store.runs()?.runs;
    for run in runs {
        let mut forks = Forks::of(run, &listed).forks;
        forks.retain(|fork| runs.iter().all(|run| run.info().id.as_str() != fork.run));
        if forks.is_empty() {
            continue;
        }
        let names: Vec<String> =
            forks.iter().take(MAX_FORKS).map(|of| clean(&of.run_name)).collect();
        let more = more(forks.len(), MAX_FORKS, "`tracker show` names them");
        bail!(
            "run {} was not removed, nor was any other: the curves of {}{} begin with its own\nhint: remove \
             its forks too, or type `--force` to leave them without their beginning",
            run.info().name,
            names.join(", "),
            more.map(|more| format!(" {more}")).unwrap_or_default()
        );
    }
    Ok(())
}

/// The runs that were named, each once.
fn named(store: &Store, references: &[String]) -> anyhow::Result<Vec<RunReader>> {
    let mut runs: Vec<RunReader> = Vec::new();
    for reference in references {
        let run = store.find(reference)?;
        if runs.iter().all(|known| known.path() != run.path()) {
            runs.push(run);
        }
    }
    Ok(runs)
}

/// Asks whether to remove the runs. Where nobody can answer, that is an error.
fn is_agreed(store: &Store, runs: &[RunReader]) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!(
            "nobody can be asked whether to remove {}\nhint: type `--yes` to remove without asking",
            plural(runs.len() as u64, "run")
        );
    }
    let short_ids = ShortIds::of(&store.runs()?.runs);
    for run in runs {
        let info = run.info();
        let id = short_ids.short(&info.id);
        printer::note(&format!("{} ({id}, {})", clean(&info.name), clean(&info.project)));
    }
    let whose = if runs.len() == 1 { "its" } else { "their" };
    let runs = plural(runs.len() as u64, "run");
    printer::ask(&format!(
        "remove {runs} with {whose} points, checkpoints and other files? [y/N] "
    ));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
