//! `tracker study show`: one study, its best trials and all others.

use anyhow::Result;
use tracker_core::read::Store;
use tracker_study::Journal;

use crate::{
    answers::{command::study::StudyShown, versioned::Versioned},
    args::study::StudyShow,
    command::study::{find::find, show_text::to_text},
    terminal::printer,
    view::last_lines::last_lines,
};

/// How many lines of what a trial has printed are shown.
const LINES: usize = 200;

/// Runs `tracker study show`.
pub(crate) fn run(store: &Store, args: &StudyShow) -> Result<()> {
    let folder = find(store, &args.study)?;
    if let Some(trial) = args.log {
        let mut lines = last_lines(folder.read_trial_log(trial)?, LINES)?;
        lines.push(String::new());
        return Ok(printer::text(&lines.join("\n"))?);
    }
    let journal = Journal::open(&folder)?;
    let study = journal.study();
    if args.json {
        let shown = StudyShown::of(&study.plan, &study.trials, study.revision, study.asked_to_stop);
        printer::json(&Versioned::new(shown))?;
    } else {
        printer::text(&to_text(&folder, study, printer::width()))?;
    }
    Ok(())
}
