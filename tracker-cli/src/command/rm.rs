//! `tracker rm`: puts runs into the trash.

use std::{
    collections::HashSet,
    io::{self, BufRead, IsTerminal},
};

use anyhow::bail;
use tracker_core::{
    RunId,
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
    command::chosen::{chosen, refuse_live, refuse_rest},
    terminal::{
        printer,
        text::{clean, more, size},
    },
    view::{forks::Orphans, short_id::ShortIds},
};

/// How many forks are named that keep a run from being removed.
const MAX_FORKS: usize = 5;

/// Runs `tracker rm`.
pub(crate) fn run(store: &Store, args: &Rm) -> anyhow::Result<()> {
    if args.undo {
        bail!(
            "`--undo` brings back what was deleted from a place\nhint: name it with --store; `tracker undo` takes \
             back what was done last in the store here"
        );
    }
    let Some(runs) = to_delete(store, args)? else { return Ok(()) };
    let sizes: Vec<u64> = runs.iter().map(RunReader::size).collect();
    let changed = upkeep::delete(store, &runs)?;
    let gone: HashSet<&str> = changed.done.iter().map(RunId::as_str).collect();
    let removed: Vec<RemovedRun<'_>> = runs
        .iter()
        .zip(sizes)
        .map(|(run, bytes)| RemovedRun { id: run.info().id.as_str(), bytes })
        .filter(|run| gone.contains(run.id))
        .collect();
    let bytes = removed.iter().map(|run| run.bytes).sum();
    let count = removed.len();
    if args.json {
        let change = changed.change.as_ref().map(|change| change.id.as_str());
        printer::json(&Versioned::new(Removed { removed, bytes, change }))?;
    } else if count > 0 {
        let count = plural(count as u64, "run");
        printer::text(&format!(
            "deleted {count} of {}; `tracker undo` brings {} back, `tracker gc` empties the trash after a week\n",
            size(bytes),
            if changed.done.len() == 1 { "it" } else { "them" }
        ))?;
    }
    refuse_rest(&changed.refused, runs.len(), "deleted")
}

/// The runs that are to be deleted, as somebody has agreed. `None` if nobody has.
pub(super) fn to_delete(store: &Store, args: &Rm) -> anyhow::Result<Option<Vec<RunReader>>> {
    if args.runs.is_empty() && args.filter.is_none() {
        bail!("no run is named\nhint: type `tracker rm RUN…`, or `tracker rm --where QUERY`");
    }
    let runs = chosen(store, &args.runs, args.filter.as_deref())?;
    refuse_live(&runs, "deleted")?;
    if !args.force {
        refuse_parents(store, &runs)?;
    }
    if !args.yes && !is_agreed(store, &runs)? {
        printer::note("nothing was deleted");
        return Ok(None);
    }
    Ok(Some(runs))
}

/// The curves of forks begin with those of the runs from which they were forked: these are not deleted before
/// them.
fn refuse_parents(store: &Store, runs: &[RunReader]) -> anyhow::Result<()> {
    let listed = store.runs()?.runs;
    let orphans = Orphans::of(runs, &listed);
    let Some((run, forks)) = runs.iter().find_map(|run| Some((run, orphans.left_by(run)?))) else {
        return Ok(());
    };
    let names: Vec<String> = forks.iter().take(MAX_FORKS).map(|of| clean(of)).collect();
    let more = more(forks.len(), MAX_FORKS, "`tracker show` names them");
    bail!(
        "run {} was not deleted, nor was any other: the curves of {}{} begin with its own\nhint: delete \
         its forks too, or type `--force` to leave them without their beginning",
        run.info().name,
        names.join(", "),
        more.map(|more| format!(" {more}")).unwrap_or_default()
    );
}

/// Asks whether to delete the runs. Where nobody can answer, that is an error.
fn is_agreed(store: &Store, runs: &[RunReader]) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!(
            "nobody can be asked whether to delete {}\nhint: type `--yes` to delete without asking",
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
        "delete {runs} with {whose} points, checkpoints and other files? [y/N] "
    ));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
