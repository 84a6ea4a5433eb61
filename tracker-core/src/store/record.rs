//! Where what is no scalar goes: to a line of a file, to `run.json`, or to the thread for media.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    Event, Problem,
    format::event_line::StoredEventKind,
    platform,
    store::{flight, media, session::Session},
    value::settings,
};

/// Takes an event of a run. Waits for no disk.
pub(crate) fn record(session: &Arc<Session>, event: Event) {
    if platform::is_forked_child() {
        session.count_forked(1);
        return;
    }
    match event {
        Event::Define { metric, definition } => session.define(&metric, definition),
        Event::Text { name, step, text } => {
            session.event(StoredEventKind::Text { name, step, text });
        }
        Event::Message { level, text } => session.event(StoredEventKind::Message { level, text }),
        Event::Alert(alert) => session.raise_of_program(alert),
        Event::Problem(problem) => session.problem(problem),
        Event::Histogram { name, step, histogram } => {
            session.event(StoredEventKind::Histogram { name, step, histogram });
        }
        Event::Media { name, step, items } => media::log(session, &name, step, items),
        Event::Flight(record) => flight::log(session, record),
        Event::Artifact(artifact) => session.event(StoredEventKind::Artifact(artifact)),
        Event::ArtifactDeleted { name, version } => {
            session.event(StoredEventKind::ArtifactDeleted { name, version });
        }
        Event::Used(used) => session.note_use(used),
        Event::About { topic, facts } => describe(session, topic, &facts),
        Event::Conclusion { text } => session.change_file(|file| {
            let text = Some(text).filter(|text| !text.is_empty());
            let is_new = file.conclusion != text;
            file.conclusion = text;
            is_new
        }),
    }
}

/// Adds facts. An event may come with any, so they are looked at here once more: those that no
/// reader could read again would take `run.json` with them.
fn describe(session: &Session, topic: String, facts: &Map<String, Value>) {
    let facts = match settings::of_facts(facts) {
        Ok(facts) => facts,
        Err(unkept) => return session.problem(Problem::unkept_facts(&topic, &unkept)),
    };
    session.change_file(|file| {
        let known = file.about.entry(topic).or_default();
        let is_new = facts.iter().any(|(name, fact)| known.get(name) != Some(fact));
        known.extend(facts);
        is_new
    });
}
