//! `tracker note`: says what a run is about.

use tracker_core::read::{Edit, RunReader, Store};

use crate::{
    answers::{command::edits::Noted, versioned::Versioned},
    args::Note,
    terminal::{
        printer,
        text::{bold, clean, clean_lines},
    },
};

/// Runs `tracker note`.
pub(crate) fn run(store: &Store, args: &Note) -> anyhow::Result<()> {
    let run = store.find(&args.run)?;
    let notes = notes(&run, args);
    if notes != run.info().notes.as_deref().unwrap_or_default() {
        run.edit(&Edit::new().notes(notes.as_str()))?;
    }
    let info = run.info();
    if args.json {
        let notes = Some(notes.as_str()).filter(|notes| !notes.is_empty());
        printer::json(&Versioned::new(Noted { run: info.id.as_str(), notes }))?;
    } else if notes.is_empty() {
        printer::text(&format!("run {} has no notes\n", bold(&clean(&info.name))))?;
    } else {
        printer::text(&format!("run {}: {}\n", bold(&clean(&info.name)), clean_lines(&notes)))?;
    }
    Ok(())
}

/// What the notes will be.
fn notes(run: &RunReader, args: &Note) -> String {
    let text = args.text.join(" ");
    match &run.info().notes {
        Some(before) if args.append && !text.is_empty() => format!("{before}\n{text}"),
        Some(before) if args.append => before.clone(),
        _ => text,
    }
}
