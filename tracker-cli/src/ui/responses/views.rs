//! Saved views of a project, and what the page does with them.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use tracker_core::{
    Error,
    read::{Project, SavedView, ViewName},
};

use crate::{
    answers::page::views::{NamedView, RemovedView, ViewInList, Views},
    ui::{
        failure::{Answer, Failure},
        state::App,
    },
};

/// What `/views/VIEW/save` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaveAsked {
    shown: Map<String, Value>,
    /// The revision that it takes the place of; null for a new view.
    over: Option<String>,
}

/// What `/views/VIEW/rename` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameAsked {
    to: String,
    over: String,
}

/// What `/views/VIEW/remove` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveAsked {
    over: String,
}

/// The views of a project; those that cannot be read with what is wrong with them.
pub(crate) fn list(app: &App, project: &str) -> Answer<Views> {
    let Some(store) = app.library().store() else { return Ok(Views { views: Vec::new() }) };
    let listed = store.project(project).views()?;
    let views = listed.into_iter().map(|listed| match listed.view {
        Ok(view) => ViewInList { name: listed.name, revision: Some(view.revision), problem: None },
        Err(error) => {
            ViewInList { name: listed.name, revision: None, problem: Some(error.to_string()) }
        }
    });
    Ok(Views { views: views.collect() })
}

pub(crate) fn view(app: &App, project: &str, name: &str) -> Answer<NamedView> {
    Ok(named(known_project(app, project)?.view(&name.parse()?).map_err(failure)?))
}

pub(crate) fn save(app: &App, project: &str, name: &str, asked: SaveAsked) -> Answer<NamedView> {
    let (project, name) = to_change(app, project, name)?;
    let saved = project.save_view(&name, asked.shown, asked.over.as_deref());
    Ok(named(saved.map_err(failure)?))
}

pub(crate) fn rename(
    app: &App,
    project: &str,
    name: &str,
    asked: &RenameAsked,
) -> Answer<NamedView> {
    let (project, name) = to_change(app, project, name)?;
    let renamed = project.rename_view(&name, &asked.to.parse()?, &asked.over);
    Ok(named(renamed.map_err(failure)?))
}

pub(crate) fn remove(
    app: &App,
    project: &str,
    name: &str,
    asked: &RemoveAsked,
) -> Answer<RemovedView> {
    let (project, name) = to_change(app, project, name)?;
    project.remove_view(&name, &asked.over).map_err(failure)?;
    Ok(RemovedView { removed: name.to_string() })
}

/// The project and the name, where the server may change what the project has.
fn to_change(app: &App, project: &str, name: &str) -> Answer<(Project, ViewName)> {
    app.writing().check_server()?;
    let name = name.parse()?;
    let project = known_project(app, project)?;
    app.writing().check_folder(app.library().root(), &project.path())?;
    Ok((project, name))
}

/// The project of this name, which must be there: views and notes of any name would fill a disk.
pub(crate) fn known_project(app: &App, project: &str) -> Answer<Project> {
    let projects = app.library().store().map_or(Ok(Vec::new()), |store| store.projects())?;
    let found = projects.into_iter().find(|known| known.name() == project);
    found.ok_or_else(|| Failure::not_found(format!("there is no project {project:.40}")))
}

fn named(view: SavedView) -> NamedView {
    NamedView { name: view.name.to_string(), revision: view.revision, shown: view.shown }
}

/// A file that another program wrote is in the way of what was asked for; nothing is wrong with this one.
fn failure(error: Error) -> Failure {
    let is_in_the_way = matches!(error, Error::Damaged { .. } | Error::NewerFormat { .. });
    let failure = Failure::from(error);
    if is_in_the_way { failure.with_status(StatusCode::CONFLICT) } else { failure }
}
