//! `tracker watch`: runs as they train.
//!
//! In a terminal, charts that follow the runs (`screen`, which draws a `state` that `keys` change, on a
//! `terminal` that is given back whatever happens); else a line a step (`lines`).

mod keys;
mod lines;
mod screen;
mod source;
mod state;
mod terminal;

use std::io::{self, IsTerminal};

use anyhow::{Result, anyhow};
use tracker_core::{
    State,
    read::{RunReader, Store, mount::named},
};

use crate::{args::Watch, terminal::printer};

/// Runs `tracker watch`.
pub(crate) fn run(store: &Store, args: &Watch) -> Result<()> {
    let is_screen = !args.plain && !args.json && is_screen();
    let run = chosen(store, args, is_screen)?;
    if is_screen {
        screen::run(store, &run)?;
    } else {
        lines::run(store, &run, args)?;
    }
    // The folder may be gone by now, which has been told.
    if run.check().is_ok() {
        printer::left_out_by(&run);
    }
    Ok(())
}

/// Whether there is a terminal that can draw: one that calls itself dumb, or nothing, can only take
/// lines.
fn is_screen() -> bool {
    let kind = std::env::var_os("TERM").unwrap_or_default();
    let can_draw = !kind.is_empty() && kind != "dumb";
    can_draw && printer::is_terminal() && io::stdin().is_terminal()
}

/// The run that is asked for; else the latest that trains, else the latest, which lines do not name.
fn chosen(store: &Store, args: &Watch, is_screen: bool) -> Result<RunReader> {
    if let Some(reference) = &args.run {
        return Ok(store.find(reference)?);
    }
    let runs = store.runs()?.runs;
    let training = runs.iter().find(|run| run.state() == State::Running);
    let run = training.or_else(|| runs.first()).ok_or_else(|| {
        anyhow!(
            "there is no run to watch\nhint: start a training, or name another store with --dir"
        )
    })?;
    if !is_screen {
        printer::note(&format!("watching {}", run.info().name));
    }
    Ok(run.clone())
}

/// What is said while the store's folder is away, as one on another machine may be for a while.
fn away(store: &Store) -> String {
    format!("{} is not there; waiting until it is back", named(store.root()))
}
