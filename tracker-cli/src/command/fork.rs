//! `tracker fork`: has a program go on from a step of a run.

use std::{
    ffi::OsString,
    process::{Command, ExitCode},
};

use anyhow::anyhow;
use tracker_core::read::{ForkPoint, Store};

use crate::{
    answers::{command::fork::ForkBegins, versioned::Versioned},
    args::Fork,
    platform,
    terminal::{
        printer,
        text::{bold, clean, clean_lines},
    },
};

/// Runs `tracker fork`.
pub(crate) fn run(store: &Store, args: &Fork) -> anyhow::Result<ExitCode> {
    let point = store.fork_point(&args.point)?;
    if let Some((program, arguments)) = args.command.split_first() {
        return run_program(store, &point, program, arguments);
    }
    for damaged in &point.passed_over {
        printer::warning(&clean_lines(&format!("passed over the checkpoint {damaged}")));
    }
    if args.json {
        printer::json(&Versioned::new(ForkBegins::of(&point)))?;
    } else {
        printer::text(&to_text(&point))?;
    }
    Ok(printer::exit_code())
}

/// Runs the program in this process's place, where the system lets; else waits for it.
fn run_program(
    store: &Store,
    point: &ForkPoint,
    program: &OsString,
    arguments: &[OsString],
) -> anyhow::Result<ExitCode> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("TRACKER_DIR", store.root())
        // `@latest` is another run once the program has started its own.
        .env("TRACKER_FORK", format!("{}@{}", point.run.info().id, point.step));
    platform::run_in_place(&mut command).map_err(|error| {
        let program = clean(&program.to_string_lossy());
        anyhow!(
            "failed to start `{program}`: {error}\nhint: type the program behind `--` as in a shell"
        )
    })
}

/// What a fork begins with, and how to begin it.
fn to_text(point: &ForkPoint) -> String {
    let (info, step) = (point.run.info(), point.step);
    let name = clean(&info.name);
    let checkpoint = match &point.checkpoint {
        Some(checkpoint) => {
            let epoch =
                checkpoint.epoch.map(|epoch| format!(", after epoch {epoch}")).unwrap_or_default();
            format!(
                "its training begins with the checkpoint {} of step {}{epoch}",
                clean(&checkpoint.version),
                checkpoint.step
            )
        }
        None => {
            "there is no checkpoint up to there: its training begins with new weights, unless it \
                 restores some itself"
                .to_owned()
        }
    };
    format!(
        "a fork of {} ({}) has its curves up to step {step}\n\
         {checkpoint}\n\
         next: `tracker fork {name}@{step} -- COMMAND` runs your program so, or write \
         `.fork(\"{name}@{step}\")` behind `init`\n",
        bold(&name),
        info.id
    )
}
