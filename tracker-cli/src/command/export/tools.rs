//! Whole runs in the form of another tool.

use anyhow::{Result, bail};
use tracker_core::read::{RunReader, Store};
use tracker_export::{Destination, Tally, export};

use crate::{
    answers::{command::brought_over::BroughtOver, versioned::Versioned},
    args::Export,
    command::{chosen::chosen, media_folder::MediaFolder},
    terminal::{printer, text::clean},
    view::brought_over,
};

/// Writes runs to another tool's place, one after the other. One that cannot be written keeps no other from it.
pub(super) fn run(store: &Store, args: &Export, destination: &Destination) -> Result<()> {
    let runs = chosen(store, &args.runs, args.filter.as_deref())?;
    let (mut told, mut failed) = (Vec::new(), Vec::new());
    for run in &runs {
        match over(run, args, destination) {
            Ok(tally) => {
                if !args.json {
                    printer::text(&brought_over::text(run, destination, &tally))?;
                }
                told.push((run, tally));
            }
            Err(error) => failed.push(format!("{}: {error}", clean(&run.info().name))),
        }
        printer::left_out_by(run);
    }
    if args.json {
        let runs = told.iter().map(|(run, tally)| BroughtOver::new(run, tally, None)).collect();
        printer::json(&Versioned::new(crate::answers::command::brought_over::All::new(
            destination,
            runs,
        )))?;
    } else if !told.is_empty() {
        printer::note(&brought_over::next_step(destination));
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "{} of {} could not be written\n{}",
        failed.len(),
        brought_over::runs(runs.len()),
        failed.join("\n")
    )
}

fn over(run: &RunReader, args: &Export, destination: &Destination) -> Result<Tally> {
    let mut target = destination.open(run, None)?;
    let account = export(run, &mut *target)?;
    if let Some(folder) = &args.media {
        let mut media = MediaFolder::new(run, folder);
        for name in run.media_names()? {
            media.save(&name, &run.media(&name)?)?;
        }
    }
    Ok(Tally::from(&account))
}
