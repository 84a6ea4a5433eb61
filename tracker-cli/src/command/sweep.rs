//! `tracker sweep`: trains a program again and again to find the best settings.

mod begun;
mod cargo;
mod ending;
mod failures;
mod interrupts;
mod plan_file;
mod program;
mod slots;
mod sweeping;
mod telling;
mod template;
mod training;

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};
use tracker_core::{read::Store, studies::StudyFolder};
use tracker_study::{StudyState, Trial};

use crate::{
    args::sweep::Sweep as Args,
    terminal::{printer, text::clean},
    view::last_lines::last_lines,
};

use self::{
    failures::Failed,
    interrupts::Interrupts,
    plan_file::PlanFile,
    sweeping::{Sweep, SweepEnd, Sweeping},
    template::{Template, typed},
};

/// How many lines are shown of what a training has printed that failed.
const LINES: usize = 20;

/// Runs `tracker sweep`, also where there is no store yet.
pub(crate) fn run(dir: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let root = match dir {
        Some(dir) => std::path::absolute(dir)?,
        None => std::path::absolute(Store::discovered_root()?)?,
    };
    let file = PlanFile::read(&args.file)?;
    // What is wrong with the command is said before anything is made.
    let as_typed = Template::parse(&args.command, &file.plan.space)?;
    let slots = slots::slots(args.jobs, args.gpus.as_ref())?;
    let (folder, journal) = begun::begun(&root, &file, args.from.as_deref())?;
    let is_untried = journal.study().trials.iter().all(|trial| trial.intermediate.is_empty());
    let words = program::words_to_start(&folder, &args.command, is_untried)?;
    let template = Template::parse(&words, &file.plan.space)?;
    let retry = args.retry;
    let sweep = Sweep { root: &root, folder: &folder, template: &template, slots, retry };
    let mut sweeping = Sweeping::new(sweep, journal, Interrupts::count()?)?;
    let end = sweeping.run()?;
    let study = sweeping.journal().study();
    match end {
        SweepEnd::GaveUp(failed) => give_up(&folder, &failed),
        SweepEnd::Interrupted => {
            tell(&folder, study, &as_typed)?;
            Ok(ExitCode::FAILURE)
        }
        SweepEnd::Done | SweepEnd::Stopped => {
            tell(&folder, study, &as_typed).map(|()| printer::exit_code())
        }
    }
}

/// What was found, and the command that trains with it.
fn tell(folder: &StudyFolder, study: &StudyState, as_typed: &Template) -> Result<()> {
    let command = |trial: &Trial| {
        let words =
            as_typed.words_for(folder, trial.number, &study.plan.space.values(&trial.params));
        words.map(|words| typed(&words)).unwrap_or_default()
    };
    Ok(printer::text(&telling::found(study, command))?)
}

/// The command does not work: what its last training has printed says why.
fn give_up(folder: &StudyFolder, failed: &Failed) -> Result<ExitCode> {
    let printed = folder.read_trial_log(failed.trial).ok();
    let lines = printed.and_then(|log| last_lines(log, LINES).ok()).unwrap_or_default();
    for line in &lines {
        printer::note(&format!("  {line}"));
    }
    let printed =
        if lines.is_empty() { "it printed nothing" } else { "its last lines stand above" };
    bail!(
        "three trainings in a row came to nothing, the last one as trial {}: {}; {printed}\nhint: try the command by \
         itself with some values; the same `tracker sweep` goes on then, and tries these trials again",
        failed.trial,
        clean(&failed.why)
    )
}
