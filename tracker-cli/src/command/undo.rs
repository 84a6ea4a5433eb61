//! `tracker undo`: takes back the last change of runs, or another one.

use anyhow::{Result, anyhow, bail};
use tracker_core::{
    Timestamp,
    read::Store,
    text::plural,
    upkeep::{self, Change, ChangeKind},
};

use crate::{
    answers::{
        command::changes::{Changes, Undone},
        versioned::Versioned,
    },
    args::Undo,
    command::chosen::refuse_rest,
    terminal::{
        printer,
        table::{Align, Grid},
        text::{ago, clean},
    },
};

/// How many changes are looked at.
const MOST: usize = 1_000;

/// Runs `tracker undo`.
pub(crate) fn run(store: &Store, args: &Undo) -> Result<()> {
    if args.list {
        return list(&upkeep::last_changes(store, MOST)?, args);
    }
    let change = match &args.change {
        Some(wanted) => named(upkeep::last_changes(store, MOST)?, wanted)?,
        None => last(store)?,
    };
    let undone = upkeep::undo(store, &change)?;
    if args.json {
        let answer = Undone { change: change.id.as_str(), runs: undone.runs };
        printer::json(&Versioned::new(answer))?;
    } else if undone.runs > 0 || undone.refused.is_empty() {
        printer::text(&format!(
            "took back: {}; {}\n",
            clean(&change.to_string()),
            told(&change, undone.runs)
        ))?;
    }
    refuse_rest(&undone.refused, change.runs, "brought back")
}

fn told(change: &Change, runs: usize) -> String {
    let verb = if runs == 1 { "is" } else { "are" };
    let runs = plural(runs as u64, "run");
    match change.kind {
        ChangeKind::Deleted | ChangeKind::Moved => format!("{runs} {verb} back"),
        _ => format!("{runs} {verb} as before"),
    }
}

/// The last change. Where it cannot be read, taking an older one back would surprise.
fn last(store: &Store) -> Result<Change> {
    let last = upkeep::last_change(store).map_err(|error| {
        anyhow!("the last change cannot be read, and nothing was taken back: {error}")
    })?;
    last.ok_or_else(nothing)
}

fn nothing() -> anyhow::Error {
    anyhow!(
        "there is nothing to take back\nhint: `tracker rm`, `mv`, `tag` and `note` can be; a week later, \
         `tracker gc` forgets them"
    )
}

/// The change whose id ends so.
fn named(changes: Vec<Change>, wanted: &str) -> Result<Change> {
    if changes.is_empty() {
        return Err(nothing());
    }
    let wanted_end = wanted.to_ascii_uppercase();
    let mut found = changes.into_iter().filter(|change| change.id.as_str().ends_with(&wanted_end));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            bail!(
                "several changes are named so: `{wanted}`\nhint: type more of it, from its end on"
            )
        }
        _ => bail!("no change is named `{wanted}`\nhint: `tracker undo --list` shows all"),
    }
}

fn list(changes: &[Change], args: &Undo) -> Result<()> {
    if args.json {
        printer::json(&Versioned::new(Changes::of(changes)))?;
        return Ok(());
    }
    if changes.is_empty() {
        printer::text("there is nothing to take back\n")?;
        return Ok(());
    }
    let now = Timestamp::now();
    let mut grid = Grid::new(vec![Align::Left; 4], printer::width());
    grid.header(["change", "when", "by", "what"]);
    for change in changes {
        let id = change.id.as_str();
        grid.row([
            id.get(id.len().saturating_sub(SHOWN)..).unwrap_or(id).to_owned(),
            ago(change.time, now),
            clean(&change.by),
            clean(&change.to_string()),
        ]);
    }
    printer::text(&(grid.lines().join("\n") + "\n"))?;
    Ok(())
}

/// How many of a change's last letters are shown: the first ones tell the time alone.
const SHOWN: usize = 6;
