//! `tracker checkpoint`: asks a training to save a checkpoint.

use tracker_core::{control::CheckpointRequest, read::Store};

use crate::{
    answers::{command::edits::CheckpointAsked, versioned::Versioned},
    args::Checkpoint,
    terminal::{
        printer,
        text::{bold, clean},
    },
};

/// Runs `tracker checkpoint`.
pub(crate) fn run(store: &Store, args: &Checkpoint) -> anyhow::Result<()> {
    let run = store.find(&args.run)?;
    let request = CheckpointRequest::new();
    request.send(&run)?;
    if args.json {
        let asked = CheckpointAsked { run: run.info().id.as_str(), reason: request.to_string() };
        printer::json(&Versioned::new(asked))?;
    } else {
        let name = clean(&run.info().name);
        printer::text(&format!(
            "run {} will save a checkpoint after the step that it is in: {}\n\
             next: `tracker artifact ls {name}` lists it; `tracker show {name}` says if nothing there \
             saves any\n",
            bold(&name),
            clean(&request.to_string()),
        ))?;
    }
    Ok(())
}
