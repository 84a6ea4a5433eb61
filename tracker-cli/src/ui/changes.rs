//! What the page changes: a run's name, notes and tags, and whether it goes on.

use serde::Deserialize;
use serde_json::json;
use tracker_core::{control::StopRequest, read::Edit};

use super::{
    app::App,
    failure::{Answer, Failure},
    shapes::{self, Object, object},
};

/// What `/runs/ID/edit` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EditRequest {
    name: Option<String>,
    notes: Option<String>,
    tags: Option<Vec<String>>,
}

/// What `/runs/ID/stop` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StopAsked {
    when: When,
    why: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum When {
    Epoch,
    Now,
}

/// Changes what is not left out, and answers the run as it is then.
pub(super) fn edit(app: &App, id: &str, asked: EditRequest) -> Answer<Object> {
    refuse_if_read_only(app)?;
    let run = app.library().find(id)?;
    let mut edit = Edit::new();
    if let Some(name) = asked.name {
        edit = edit.name(name);
    }
    if let Some(notes) = asked.notes {
        edit = edit.notes(notes);
    }
    if let Some(tags) = asked.tags {
        edit = edit.tags(tags);
    }
    run.edit(&edit)?;
    shapes::run(&app.library().find(id)?)
}

/// Asks a run to stop, as `tracker stop` does.
pub(super) fn stop(app: &App, id: &str, asked: StopAsked) -> Answer<Object> {
    refuse_if_read_only(app)?;
    let run = app.library().find(id)?;
    let mut request = match asked.when {
        When::Epoch => StopRequest::after_epoch(),
        When::Now => StopRequest::now(),
    };
    if let Some(why) = asked.why.filter(|why| !why.trim().is_empty()) {
        request = request.why(why);
    }
    request.send(&run)?;
    Ok(object(json!({ "run": id, "reason": request.to_string() })))
}

fn refuse_if_read_only(app: &App) -> Answer<()> {
    if !app.read_only() {
        return Ok(());
    }
    Err(Failure::forbidden(
        "this server changes nothing",
        "start `tracker ui` without --read-only to make changes",
    ))
}
