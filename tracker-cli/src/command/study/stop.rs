//! `tracker study stop`: no more trials begin.

use anyhow::Result;
use tracker_core::{RunId, State, control::StopRequest, read::Store, text::plural};
use tracker_study::{Journal, TrialState};

use crate::{
    answers::{command::study::StudyStopped, versioned::Versioned},
    args::study::StudyStop,
    command::study::find::find,
    terminal::{
        printer,
        text::{bold, clean},
    },
};

/// Runs `tracker study stop`.
pub(crate) fn run(store: &Store, args: &StudyStop) -> Result<()> {
    let folder = find(store, &args.study)?;
    let mut journal = Journal::open(&folder)?;
    journal.ask_to_stop()?;
    let running = journal.study().trials.iter().filter(|trial| trial.state == TrialState::Running);
    let runs: Vec<&RunId> = running.filter_map(|trial| trial.run.as_ref()).collect();
    let mut asked = Vec::new();
    if !args.let_finish {
        let why = format!("the study {} was stopped", folder.name());
        for id in runs {
            // One that was not there yet begins no training: whoever sweeps sees that the study is stopped.
            let Ok(run) = store.run(id) else { continue };
            if run.state() == State::Running {
                StopRequest::after_epoch().why(&why).send(&run)?;
                asked.push(id);
            }
        }
    }
    if args.json {
        let (study, project) = (folder.name(), folder.project());
        printer::json(&Versioned::new(StudyStopped { study, project, asked }))?;
    } else {
        let name = clean(folder.name());
        let asked = match asked.len() as u64 {
            0 => String::new(),
            count => {
                format!("{} will stop after this epoch and be saved\n", plural(count, "training"))
            }
        };
        printer::text(&format!(
            "no more trials of {} begin\n{asked}next: `tracker study show {name}` says what came of it; the same \
             `tracker sweep` goes on with it\n",
            bold(&name)
        ))?;
    }
    Ok(())
}
