//! Changes of many runs in one request, and how they are taken back.

use std::collections::{BTreeSet, HashMap, HashSet};

use axum::http::StatusCode;
use parking_lot::Mutex;
use serde::Deserialize;
use tracker_core::{
    RunId,
    read::{Edit, RunInfo, RunReader, Store},
    upkeep::{self, Changed, Refusal},
};

use crate::{
    answers::page::many::{Change, Changes, Many, NotDone, ProjectNotes},
    ui::{
        failure::{Answer, Failure},
        responses::{
            edits::{StopAsked, stop_run},
            views::known_project,
        },
        state::App,
    },
    view::forks::Orphans,
};

/// How many runs are told of which something was not done.
const MOST_TOLD: usize = 20;

/// Held while notes are compared and written.
static NOTES: Mutex<()> = Mutex::new(());

/// How many changes a page offers to take back.
const MOST_CHANGES: usize = 10;

/// What `/many` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManyAsked {
    runs: Vec<String>,
    action: Action,
}

/// What is to be done with each of the runs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Action {
    Delete {},
    Move { project: String },
    Edit(ManyEdits),
    Stop(StopAsked),
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManyEdits {
    group: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    add_tags: Vec<String>,
    #[serde(default)]
    remove_tags: Vec<String>,
}

/// What `/undo` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndoAsked {
    change: String,
}

/// What `/projects/NAME/rename` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameAsked {
    to: String,
}

/// What `/projects/NAME/notes` takes. `before` is what the page has read: notes that somebody else has written since
/// are not written over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotesAsked {
    before: String,
    notes: String,
}

/// Does to each run what is asked. A run that is not there any more, or of which it cannot be done, is told.
pub(crate) fn many(app: &App, asked: ManyAsked) -> Answer<Many> {
    app.writing().check_server()?;
    let store = store(app)?;
    let mut refused = Vec::new();
    let listed = store.runs()?.runs;
    let runs = chosen(app, &listed, &asked.runs, &mut refused);
    let changed = match asked.action {
        Action::Delete {} => delete(&store, runs, &listed, &mut refused)?,
        Action::Move { project } => Some(upkeep::move_runs(&store, &runs, &project)?),
        Action::Edit(edits) => Some(upkeep::edit(&store, &runs, |info| edits.of(info))?),
        Action::Stop(asked) => {
            let mut done = 0;
            for run in &runs {
                match stop_run(run, &asked) {
                    Ok(_) => done += 1,
                    Err(failure) => refused.push(not_done(run.info(), &failure)),
                }
            }
            return Ok(answer(done, refused, None));
        }
    };
    Ok(told(changed, refused))
}

fn delete(
    store: &Store,
    runs: Vec<RunReader>,
    listed: &[RunReader],
    refused: &mut Vec<NotDone>,
) -> Answer<Option<Changed>> {
    let orphans = Orphans::of(&runs, listed);
    let (kept, going): (Vec<RunReader>, Vec<RunReader>) =
        runs.into_iter().partition(|run| orphans.left_by(run).is_some());
    refused.extend(kept.iter().map(|run| {
        let forks = orphans.left_by(run).unwrap_or_default();
        let names: Vec<&str> = forks.iter().take(3).copied().collect();
        not_done(
            run.info(),
            &Failure::new(
                StatusCode::CONFLICT,
                format!("the curves of its fork {} begin with its own", names.join(", ")),
                "delete its forks too; `tracker rm --force` deletes it alone",
            ),
        )
    }));
    Ok(Some(upkeep::delete(store, &going)?))
}

impl ManyEdits {
    fn of(&self, info: &RunInfo) -> Edit {
        let mut edit = Edit::new();
        if let Some(group) = &self.group {
            edit = edit.group(group);
        }
        if let Some(notes) = &self.notes {
            edit = edit.notes(notes);
        }
        if !self.add_tags.is_empty() || !self.remove_tags.is_empty() {
            let stays = |tag: &&String| !self.remove_tags.contains(tag);
            edit = edit.tags(info.tags.iter().filter(stays).chain(&self.add_tags).cloned());
        }
        edit
    }
}

/// The last changes that can be taken back.
pub(crate) fn changes(app: &App) -> Answer<Changes> {
    let Some(store) = app.library().store() else { return Ok(Changes { changes: Vec::new() }) };
    let last = upkeep::last_changes(&store, MOST_CHANGES)?;
    Ok(Changes { changes: last.iter().map(Change::from).collect() })
}

/// Takes a change back, as `tracker undo` does.
pub(crate) fn undo(app: &App, asked: &UndoAsked) -> Answer<Many> {
    app.writing().check_server()?;
    let store = store(app)?;
    app.writing().check_folder(app.library().root(), app.library().root())?;
    let known = upkeep::last_changes(&store, usize::MAX)?;
    let change = known.iter().find(|change| change.id.as_str() == asked.change);
    let change = change.ok_or_else(|| {
        Failure::new(
            StatusCode::NOT_FOUND,
            "this cannot be taken back any more",
            "it was taken back already, or `tracker gc` has emptied the trash",
        )
    })?;
    let undone = upkeep::undo(&store, change)?;
    let refused = undone.refused.iter().map(refusal).collect();
    Ok(answer(undone.runs, refused, None))
}

/// Gives a project another name.
pub(crate) fn rename(app: &App, project: &str, asked: &RenameAsked) -> Answer<Many> {
    app.writing().check_server()?;
    let store = store(app)?;
    app.writing().check_folder(app.library().root(), &store.project(project).path())?;
    for run in store.project(project).runs()?.runs {
        app.writing().check(app.library().root(), &run)?;
    }
    let changed = upkeep::rename_project(&store, project, &asked.to)?;
    Ok(told(Some(changed), Vec::new()))
}

/// What is said of a project.
pub(crate) fn notes(app: &App, project: &str) -> Answer<ProjectNotes> {
    let store = store(app)?;
    let project = store.project(project);
    let notes = project.notes()?.unwrap_or_default();
    Ok(ProjectNotes { notes, path: project.notes_path().to_string_lossy().into_owned() })
}

/// Writes what is said of a project.
pub(crate) fn write_notes(app: &App, name: &str, asked: &NotesAsked) -> Answer<ProjectNotes> {
    app.writing().check_server()?;
    app.writing().check_folder(app.library().root(), app.library().root())?;
    // Of two windows that save at once, the second is told of the first.
    let _one = NOTES.lock();
    let project = known_project(app, name)?;
    if project.notes()?.unwrap_or_default() != asked.before {
        return Err(Failure::new(
            StatusCode::CONFLICT,
            "the notes have been changed since this page read them",
            "copy your text, reload, and put it in again",
        ));
    }
    project.write_notes(&asked.notes)?;
    notes(app, name)
}

fn store(app: &App) -> Answer<Store> {
    app.library().store().ok_or_else(|| Failure::not_found("there is no store"))
}

/// The runs of these ids, each once, that are there and may be changed.
fn chosen(
    app: &App,
    listed: &[RunReader],
    ids: &[String],
    refused: &mut Vec<NotDone>,
) -> Vec<RunReader> {
    let by_id: HashMap<&str, &RunReader> =
        listed.iter().rev().map(|run| (run.info().id.as_str(), run)).collect();
    let (mut seen, mut runs) = (HashSet::new(), Vec::new());
    for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
        match by_id.get(id.as_str()) {
            Some(run) => match app.writing().check(app.library().root(), run) {
                Ok(()) => runs.push(RunReader::clone(run)),
                Err(failure) => refused.push(not_done(run.info(), &failure)),
            },
            None => refused.push(NotDone {
                run: id.chars().take(26).collect(),
                name: id.chars().take(26).collect(),
                error: "it is not in the store any more".into(),
                hint: "somebody has deleted it; `tracker undo` may bring it back".into(),
            }),
        }
    }
    runs
}

fn not_done(info: &RunInfo, failure: &Failure) -> NotDone {
    let (error, hint) = failure.words();
    NotDone {
        run: info.id.to_string(),
        name: info.name.clone(),
        error: error.to_owned(),
        hint: hint.to_owned(),
    }
}

fn refusal(refusal: &Refusal) -> NotDone {
    let text = refusal.error.to_string();
    let (error, hint) = text.split_once("\nhint: ").unwrap_or((&text, ""));
    NotDone {
        run: refusal.run.to_string(),
        name: refusal.name.clone(),
        error: error.to_owned(),
        hint: hint.to_owned(),
    }
}

fn told(changed: Option<Changed>, mut refused: Vec<NotDone>) -> Many {
    let Some(changed) = changed else { return answer(0, refused, None) };
    refused.extend(changed.refused.iter().map(refusal));
    let done: BTreeSet<&RunId> = changed.done.iter().collect();
    answer(done.len(), refused, changed.change.as_ref().map(Change::from))
}

fn answer(done: usize, mut refused: Vec<NotDone>, change: Option<Change>) -> Many {
    let not_done = refused.len();
    refused.truncate(MOST_TOLD);
    Many { done, not_done, refused, change }
}
