//! What is said in tags: for MLflow's page in its own, the rest in those of tracker.

use serde_json::Value;
use tracker_core::{State, read::RunInfo};

use crate::{Account, words};

/// The run of the tracker, by which an exported run is found again.
pub(super) const RUN: &str = "tracker.run_id";
/// Its project.
pub(super) const PROJECT: &str = "tracker.project";
/// Its group.
pub(super) const GROUP: &str = "tracker.group";
/// Its tags, a list as JSON.
pub(super) const TAGS: &str = "tracker.tags";
/// When it started, with microseconds.
pub(super) const STARTED: &str = "tracker.started_at";
/// When it ended, with microseconds.
pub(super) const FINISHED: &str = "tracker.finished_at";
/// Its state, of which MLflow knows fewer.
pub(super) const STATE: &str = "tracker.state";
/// The words beside its state.
pub(super) const MESSAGE: &str = "tracker.message";
/// Facts of one topic, as JSON; the topic stands behind.
pub(super) const ABOUT: &str = "tracker.about.";
/// A name that was cut; its hash stands behind.
pub(super) const NAME: &str = "tracker.name.";
/// Says of an ended run that all its points are there.
pub(super) const DONE: &str = "tracker.exported";

pub(super) const RUN_NAME: &str = "mlflow.runName";
pub(super) const NOTE: &str = "mlflow.note.content";
pub(super) const USER: &str = "mlflow.user";
pub(super) const PARENT: &str = "mlflow.parentRunId";
pub(super) const SOURCE: &str = "mlflow.source.name";
pub(super) const COMMIT: &str = "mlflow.source.git.commit";

/// The most characters of a tag's value.
pub(super) const LONGEST: usize = 5_000;

/// What a run says of itself, by tag. What is too long for one has no place, and is told.
pub(super) fn of_run(info: &RunInfo, account: &mut Account) -> Vec<(String, String)> {
    let provenance = &info.provenance;
    let list = |tags: &[String]| (!tags.is_empty()).then(|| Value::from(tags.to_vec()).to_string());
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let fixed = [
        (RUN, Some(info.id.to_string())),
        (PROJECT, Some(info.project.clone())),
        (RUN_NAME, Some(info.name.clone())),
        (NOTE, info.notes.clone()),
        (GROUP, info.group.clone()),
        (TAGS, list(&info.tags)),
        (STARTED, Some(info.started_at.to_string())),
        (USER, provenance.user.clone()),
        (SOURCE, provenance.command.first().and_then(|program| text(program))),
        ("mlflow.source.type", Some("LOCAL".to_owned())),
        (COMMIT, provenance.git_commit.clone()),
        ("mlflow.source.git.branch", provenance.git_branch.clone()),
        ("tracker.host", text(&provenance.host)),
        ("tracker.command", text(&provenance.command.join(" "))),
    ];
    let mut tags: Vec<(String, String)> = Vec::new();
    for (key, value) in fixed {
        tags.extend(value.map(|value| (key.to_owned(), value)));
    }
    for (topic, facts) in &info.about {
        let key = super::names::write(&format!("{ABOUT}{topic}"));
        match key.cut {
            None => tags.push((key.text, Value::Object(facts.clone()).to_string())),
            Some(_) => {
                account.leave_out(words::FACTS, "their topic is too long for a tag of MLflow", 1);
            }
        }
    }
    tags.retain(|(key, value)| {
        let fits = value.chars().count() <= LONGEST;
        if !fits {
            let what = if key == NOTE { "notes" } else { words::FACTS };
            account.leave_out(what, format!("{key} is longer than {LONGEST} characters"), 1);
        }
        fits
    });
    account.keep("tags", tags.len() as u64);
    tags
}

/// What MLflow calls a state. What goes on is not ended.
pub(super) fn status(state: State) -> &'static str {
    match state {
        State::Running => "RUNNING",
        State::Finished | State::Ended => "FINISHED",
        State::Stopped => "KILLED",
        _ => "FAILED",
    }
}
