//! `tracker rm --store`: deletes runs of a place, and brings them back.

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use tracker_core::{Error as StoreError, Timestamp, read::Store, text::plural};
use tracker_remote::{Deleted, Place, Tidy};

use crate::{
    answers::{
        command::removal::{Removed, RemovedRun, Restored},
        versioned::Versioned,
    },
    args::Rm,
    command::{fetch::project, rm::to_delete},
    terminal::{
        printer,
        text::{ago, clean, size},
    },
};

/// Runs `tracker rm --store`.
pub(crate) fn run(place: &str, args: &Rm) -> Result<ExitCode> {
    let known = Place::parse(place)?;
    let tidy = Tidy::new(&known)?;
    if args.undo {
        return restore(&tidy, place, args);
    }
    let store: Store = tracker_remote::open(&known)?;
    let Some(runs) = to_delete(&store, args)? else { return Ok(ExitCode::SUCCESS) };
    let mut removed = Vec::new();
    for run in &runs {
        let id = &run.info().id;
        removed.push(RemovedRun { id: id.as_str(), bytes: tidy.delete(project(run), id)? });
    }
    let (count, bytes) = (removed.len() as u64, removed.iter().map(|run| run.bytes).sum());
    if args.json {
        printer::json(&Versioned::new(Removed { removed, bytes, change: None }))?;
    } else {
        let it = if count == 1 { "it" } else { "them" };
        printer::text(&format!(
            "deleted {} of {} from {}; `tracker rm --undo RUN --store PLACE` brings {it} back, \
             `tracker gc --store PLACE` removes {it} after a week\n",
            plural(count, "run"),
            size(bytes),
            clean(place)
        ))?;
    }
    Ok(printer::exit_code())
}

fn restore(tidy: &Tidy, place: &str, args: &Rm) -> Result<ExitCode> {
    if args.runs.is_empty() {
        bail!("no run is named\nhint: type `tracker rm --undo RUN… --store PLACE`");
    }
    let deleted = tidy.deleted()?;
    let mut chosen: Vec<&Deleted> = Vec::new();
    for reference in &args.runs {
        let found = named(&deleted, reference);
        let found = found.ok_or_else(|| not_deleted(&deleted, reference, place))?;
        if !chosen.contains(&found) {
            chosen.push(found);
        }
    }
    let (mut restored, mut to_send_again) = (Vec::new(), Vec::new());
    for run in chosen {
        let is_back = tidy.restore(&run.project, &run.run)?;
        if !args.json {
            let what = if is_back {
                "is back"
            } else {
                "was removed meanwhile; `tracker sync` on a machine that has it sends it again"
            };
            printer::text(&format!("{} {what}\n", clean(&shown(run))))?;
        }
        if is_back { &mut restored } else { &mut to_send_again }.push(run.run.as_str());
    }
    if args.json {
        printer::json(&Versioned::new(Restored { restored, to_send_again }))?;
    }
    Ok(printer::exit_code())
}

/// The run that somebody names, deleted last: by its name, perhaps behind its project and a slash, or the beginning of its
/// id.
fn named<'a>(deleted: &'a [Deleted], reference: &str) -> Option<&'a Deleted> {
    let (project, name) = match reference.split_once('/') {
        Some((project, name)) => (Some(project), name),
        None => (None, reference),
    };
    let beginning = name.to_ascii_uppercase();
    let is_it = |run: &&Deleted| {
        project.is_none_or(|project| project == run.project)
            && (run.name == name
                || (beginning.len() >= 4 && run.run.as_str().starts_with(&beginning)))
    };
    deleted.iter().filter(is_it).max_by_key(|run| run.since)
}

fn not_deleted(deleted: &[Deleted], reference: &str, place: &str) -> anyhow::Error {
    const MOST: usize = 10;
    let mut last: Vec<&Deleted> = deleted.iter().collect();
    last.sort_by_key(|run| std::cmp::Reverse(run.since));
    let names: Vec<String> =
        last.into_iter().take(MOST).map(|run| format!("{} ({})", shown(run), run.run)).collect();
    let hint = if names.is_empty() {
        "no run was deleted there".to_owned()
    } else {
        format!("those that were deleted last: {}", names.join(", "))
    };
    anyhow!(
        "no deleted run of {} is named `{}`\nhint: {}",
        clean(place),
        clean(reference),
        clean(&hint)
    )
}

fn shown(run: &Deleted) -> String {
    if run.name.is_empty() { format!("run {}", run.run) } else { run.name.clone() }
}

/// Says of a run that is not found that it was deleted, where that is so.
pub(crate) fn if_deleted(place: Option<&str>, error: anyhow::Error) -> anyhow::Error {
    let (Some(place), Some(StoreError::RunNotFound { reference, .. })) =
        (place, error.downcast_ref::<StoreError>())
    else {
        return error;
    };
    let deleted = Place::parse(place).and_then(|place| Tidy::new(&place)?.deleted());
    let Ok(deleted) = deleted else { return error };
    let Some(run) = named(&deleted, reference) else { return error };
    let since = ago(run.since, Timestamp::now());
    let hint = if run.is_removed {
        "all that it had was removed since; a machine that has it may send it again after"
    } else {
        "it is brought back by"
    };
    anyhow!(
        "{} was deleted from {} {since}\nhint: {hint} `tracker rm --undo {} --store {}`",
        clean(&shown(run)),
        clean(place),
        run.run,
        clean(place)
    )
}
