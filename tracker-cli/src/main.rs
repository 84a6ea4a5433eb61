//! The command `tracker`: looks into the runs that `tracker-core` has stored.
//!
//! | room | what |
//! |---|---|
//! | `args` | the command line |
//! | `command` | one file a command |
//! | `ui` | the server behind the page in the browser |
//! | `mcp` | the store for agents |
//! | `view` | what several commands and the page tell of runs: order, differences, JSON |
//! | `platform` | all that names an operating system |
//! | `terminal` | tables, plots and texts for a terminal; the only place that prints |
//!
//! Data goes to standard output and everything else to standard error. The exit code is 0, 1 for
//! an error, where `doctor` finds something or `diverge --check` a difference, and 2 for a wrong command line or where a warning
//! says that something could not be read and is left out; a reader that closes the pipe is no error.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod answers;
mod args;
mod command;
mod mcp;
mod platform;
mod terminal;
mod ui;
mod view;

use std::{path::PathBuf, process::ExitCode};

use tracker_core::read::Store;

use crate::{
    args::{Args, Command},
    command::{
        artifact, checkpoint, compare, completions, diverge, doctor, export, fetch, flight, fork,
        gc, gc_afar, import as import_command, logs, ls, mcp as mcp_command, mirror, mv, note,
        report, rm, rm_afar, set, show, sql, stop, study, sweep, sync, tag, ui as ui_command, undo,
        watch,
    },
    terminal::printer,
};

fn main() -> ExitCode {
    let args = Args::of_command_line(std::env::args_os());
    match run(&args).map_err(|error| rm_afar::if_deleted(args.store.as_deref(), error)) {
        Ok(code) => code,
        Err(error) if printer::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            printer::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// The folder to read, where somebody says one: of a place, that of its copies.
fn folder(args: &Args) -> anyhow::Result<Option<PathBuf>> {
    let Some(place) = &args.store else { return Ok(args.dir.clone()) };
    if let Some(command) = args.command.needs_a_folder() {
        anyhow::bail!(
            "`tracker {command}` needs a store on this machine, and {place} is read from afar\n\
             hint: run it where the training's folder is, or read with `ls`, `show`, `ui`"
        );
    }
    let store = tracker_remote::open(&tracker_remote::Place::parse(place)?)?;
    Ok(Some(store.root().to_owned()))
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Command::Completions(args) = &args.command {
        return completions::run(args).map(|()| ExitCode::SUCCESS);
    }
    match (&args.command, &args.store) {
        (Command::Rm(rm), Some(place)) => return rm_afar::run(place, rm),
        (Command::Gc(gc), Some(place)) => return gc_afar::run(place, gc),
        _ => {}
    }
    let dir = folder(args)?;
    if let Command::Sync(sync) = &args.command
        && let Some(place) = &sync.from
    {
        return fetch::run(dir.as_deref(), place, sync);
    }
    if let Command::Ui(ui) = &args.command {
        return ui_command::run(dir.as_deref(), ui).map(|()| ExitCode::SUCCESS);
    }
    if let Command::Mcp(mcp) = &args.command {
        return mcp_command::run(dir.as_deref(), mcp).map(|()| ExitCode::SUCCESS);
    }
    if let Command::Import(import) = &args.command {
        return import_command::run(dir.as_deref(), import);
    }
    if let Command::Sweep(sweep) = &args.command {
        return sweep::run(dir.as_deref(), sweep);
    }
    let store = match &dir {
        Some(dir) => Store::open(dir)?,
        None => Store::discover()?,
    };
    match &args.command {
        Command::Artifact(args) => artifact::run(&store, args),
        Command::Logs(args) => logs::run(&store, args),
        Command::Ls(args) => ls::run(&store, args),
        Command::Show(args) => show::run(&store, args),
        Command::Compare(args) => compare::run(&store, args),
        Command::Export(args) => export::run(&store, args),
        Command::Mirror(args) => mirror::run(&store, args),
        Command::Report(args) => report::run(&store, args),
        Command::Watch(args) => watch::run(&store, args),
        Command::Fork(args) => return fork::run(&store, args),
        Command::Stop(args) => stop::run(&store, args),
        Command::Study(args) => study::run(&store, args),
        Command::Flight(args) => flight::run(&store, args),
        Command::Checkpoint(args) => checkpoint::run(&store, args),
        Command::Set(args) => set::run(&store, args),
        Command::Note(args) => note::run(&store, args),
        Command::Tag(args) => tag::run(&store, args),
        Command::Diverge(args) => return diverge::run(&store, args),
        Command::Sync(args) => return sync::run(&store, args),
        Command::Sql(args) => return sql::run(&store, args),
        Command::Doctor(args) => return doctor::run(&store, args),
        Command::Gc(args) => gc::run(&store, args),
        Command::Rm(args) => rm::run(&store, args),
        Command::Mv(args) => mv::run(&store, args),
        Command::Undo(args) => undo::run(&store, args),
        Command::Completions(_)
        | Command::Import(_)
        | Command::Mcp(_)
        | Command::Sweep(_)
        | Command::Ui(_) => Ok(()),
    }
    .map(|()| printer::exit_code())
}
