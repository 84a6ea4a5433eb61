//! What the page changes: a run's name, group, notes and tags, and whether it goes on.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;
use tracker_core::{
    State,
    control::{SetKnobs, StopRequest},
    read::{Edit, RunReader},
    upkeep,
};

use crate::{
    answers::page::{
        edits::{KnobsAsked, Stopped},
        run::RunDetail,
    },
    ui::{
        failure::{Answer, Failure},
        responses::runs,
        state::App,
    },
};

/// What `/runs/ID/edit` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditRequest {
    name: Option<String>,
    group: Option<String>,
    notes: Option<String>,
    tags: Option<Vec<String>>,
}

/// What `/runs/ID/stop` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopAsked {
    pub(crate) when: When,
    pub(crate) why: Option<String>,
}

/// What `/runs/ID/knobs` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnobValues {
    knobs: BTreeMap<String, f64>,
}

/// After the epoch, or within a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    Epoch,
    Now,
}

/// Changes what is not left out, and answers the run as it is then.
pub(crate) fn edit(app: &App, id: &str, asked: EditRequest) -> Answer<RunDetail> {
    app.writing().check_server()?;
    let run = app.library().find(id)?;
    app.writing().check(app.library().root(), &run)?;
    let mut edit = Edit::new();
    if let Some(name) = asked.name {
        edit = edit.name(name);
    }
    if let Some(group) = asked.group {
        edit = edit.group(group);
    }
    if let Some(notes) = asked.notes {
        edit = edit.notes(notes);
    }
    if let Some(tags) = asked.tags {
        edit = edit.tags(tags);
    }
    if let Some(store) = app.library().store() {
        let changed = upkeep::edit(&store, std::slice::from_ref(&run), |_| edit.clone())?;
        if let Some(refusal) = changed.refused.into_iter().next() {
            return Err(refusal.error.into());
        }
    }
    runs::run(app, &app.library().find(id)?)
}

/// Asks a run to stop, as `tracker stop` does.
pub(crate) fn stop(app: &App, id: &str, asked: &StopAsked) -> Answer<Stopped> {
    app.writing().check_server()?;
    let run = app.library().find(id)?;
    app.writing().check(app.library().root(), &run)?;
    stop_run(&run, asked)
}

/// Asks one run, which may be changed here.
pub(crate) fn stop_run(run: &RunReader, asked: &StopAsked) -> Answer<Stopped> {
    let mut request = match asked.when {
        When::Epoch => StopRequest::after_epoch(),
        When::Now => StopRequest::now(),
    };
    if let Some(why) = asked.why.as_ref().filter(|why| !why.trim().is_empty()) {
        request = request.why(why);
    }
    if run.state() == State::Running && runs::listens_to_stop(run)? == Some(false) {
        return Err(does_not_listen(run));
    }
    request.send(run)?;
    Ok(Stopped { run: run.info().id.to_string(), reason: request.to_string() })
}

/// Asks a run for other values of its knobs, as `tracker set` does.
pub(crate) fn set_knobs(app: &App, id: &str, asked: KnobValues) -> Answer<KnobsAsked> {
    app.writing().check_server()?;
    let run = app.library().find(id)?;
    app.writing().check(app.library().root(), &run)?;
    if asked.knobs.is_empty() {
        return Err(Failure::bad_request("`knobs` names none"));
    }
    let values = asked.knobs.iter();
    values.fold(SetKnobs::new(), |all, (name, value)| all.knob(name, *value)).send(&run)?;
    Ok(KnobsAsked { run: id.to_owned(), asked: asked.knobs })
}

fn does_not_listen(run: &RunReader) -> Failure {
    let origin = &run.info().provenance;
    Failure::new(
        StatusCode::CONFLICT,
        "the training has not looked for a request to stop",
        format!(
            "ask again after its first batch; if its loop never looks at `run.requests()`, type \
             `kill {}` on {}, which saves it too",
            origin.pid, origin.host
        ),
    )
}
