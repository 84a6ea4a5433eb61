//! `tracker undo`: takes back the last change of runs, or another one.

use anyhow::{Result, bail};
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
    let changes = upkeep::last_changes(store, MOST)?;
    if args.list {
        return list(&changes, args);
    }
    let change = named(&changes, args.change.as_deref())?;
    let undone = upkeep::undo(store, change)?;
    if args.json {
        let answer = Undone { change: change.id.as_str(), runs: undone.runs };
        printer::json(&Versioned::new(answer))?;
    } else {
        printer::text(&format!(
            "took back: {}; {}\n",
            clean(&change.to_string()),
            told(change, undone.runs)
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

/// The last change, or the one whose id begins so.
fn named<'a>(changes: &'a [Change], wanted: Option<&str>) -> Result<&'a Change> {
    let Some(last) = changes.first() else {
        bail!(
            "there is nothing to take back\nhint: `tracker rm`, `mv`, `tag` and `note` can be; a week later, \
             `tracker gc` forgets them"
        );
    };
    let Some(wanted) = wanted else { return Ok(last) };
    let fits = |change: &&Change| change.id.as_str().ends_with(&wanted.to_ascii_uppercase());
    let mut found = changes.iter().filter(fits);
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
