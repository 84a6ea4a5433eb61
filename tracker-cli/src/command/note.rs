//! `tracker note`: says what runs or a project are about.

use anyhow::{Result, bail};
use tracker_core::{
    read::{Edit, RunInfo, Store},
    text::plural,
    upkeep,
};

use crate::{
    answers::{
        command::edits::{EditedRuns, Noted, NotedProject},
        versioned::Versioned,
    },
    args::Note,
    command::chosen::{chosen, refuse_rest},
    terminal::{
        printer,
        text::{bold, clean, clean_lines},
    },
};

/// Runs `tracker note`.
pub(crate) fn run(store: &Store, args: &Note) -> Result<()> {
    if let Some(project) = &args.project {
        return of_project(store, project, args);
    }
    let (references, words) = args.words.split_at(usize::from(args.filter.is_none()));
    if words.is_empty() {
        bail!(
            "no text is given\nhint: type `tracker note RUN TEXT`; an empty text `''` takes the notes away"
        );
    }
    let text = words.join(" ");
    let runs = chosen(store, references, args.filter.as_deref())?;
    let edit =
        |info: &RunInfo| Edit::new().notes(joined(info.notes.as_deref(), &text, args.append));
    let changed = upkeep::edit(store, &runs, edit)?;
    match runs.as_slice() {
        [run] if args.filter.is_none() => {
            if let Some(refusal) = changed.refused.into_iter().next() {
                return Err(refusal.error.into());
            }
            let info = run.info();
            let notes = joined(info.notes.as_deref(), &text, args.append);
            tell_one(info, &notes, args.json)
        }
        runs => {
            if args.json {
                let ids = changed.done.iter().map(tracker_core::RunId::as_str).collect();
                let change = changed.change.as_ref().map(|change| change.id.as_str());
                printer::json(&Versioned::new(EditedRuns { runs: ids, change }))?;
            } else {
                let count = plural(changed.done.len() as u64, "run");
                let back = changed.change.as_ref().map_or("", |_| "; `tracker undo` takes it back");
                printer::text(&format!("wrote the notes of {count}{back}\n"))?;
            }
            refuse_rest(&changed.refused, runs.len(), "noted")
        }
    }
}

fn tell_one(info: &RunInfo, notes: &str, json: bool) -> Result<()> {
    if json {
        let notes = Some(notes).filter(|notes| !notes.is_empty());
        printer::json(&Versioned::new(Noted { run: info.id.as_str(), notes }))?;
    } else if notes.is_empty() {
        printer::text(&format!("run {} has no notes\n", bold(&clean(&info.name))))?;
    } else {
        printer::text(&format!("run {}: {}\n", bold(&clean(&info.name)), clean_lines(notes)))?;
    }
    Ok(())
}

/// What the notes will be.
fn joined(before: Option<&str>, text: &str, append: bool) -> String {
    match before {
        Some(before) if append && !text.is_empty() => format!("{before}\n{text}"),
        Some(before) if append => before.to_owned(),
        _ => text.to_owned(),
    }
}

/// The notes of a project are a file of Markdown. Without a text, they are printed.
fn of_project(store: &Store, name: &str, args: &Note) -> Result<()> {
    let known = store.projects()?;
    let Some(project) = known.into_iter().find(|project| project.name() == name) else {
        bail!(
            "the store has no project `{name}`\nhint: `tracker ls` shows the projects of all runs"
        );
    };
    let before = project.notes()?;
    let notes = if args.words.is_empty() {
        before
    } else {
        let notes =
            joined(before.as_deref().map(str::trim_end), &args.words.join(" "), args.append);
        let notes = if notes.is_empty() { notes } else { notes + "\n" };
        project.write_notes(&notes)?;
        Some(notes).filter(|notes| !notes.is_empty())
    };
    let path = project.notes_path();
    let path = path.to_string_lossy();
    if args.json {
        printer::json(&Versioned::new(NotedProject {
            project: name,
            path: &path,
            notes: notes.as_deref(),
        }))?;
        return Ok(());
    }
    match notes {
        Some(notes) => printer::text(&format!("{}\n", clean_lines(notes.trim_end())))?,
        None => printer::text(&format!("project {} has no notes\n", bold(&clean(name))))?,
    }
    printer::note(&format!("the notes are Markdown in {path}"));
    Ok(())
}
