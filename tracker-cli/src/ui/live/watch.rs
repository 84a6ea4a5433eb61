//! What has changed in the store between two looks.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use axum::response::sse::Event;
use serde::Serialize;
use tracker_core::{
    State, Step,
    read::{RunInfo, RunReader},
};

use crate::{
    answers::{
        page::live::{self, PointsLogged, RunsChanged},
        step::Step as StepAnswer,
    },
    ui::library::Library,
};

/// New points of a run are told no more often.
const BETWEEN_POINTS: Duration = Duration::from_millis(500);

/// What was seen at the last look.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    seen: Option<BTreeMap<String, Seen>>,
}

#[derive(Debug)]
struct Seen {
    run: RunReader,
    state: State,
    points: Points,
    looked_at_points: Option<Instant>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Points {
    last_step: u64,
    count: u64,
}

/// A run, named by its project and its id.
type Named = (String, String);

/// What has changed.
#[derive(Debug, Default)]
pub(crate) struct Change {
    added: Vec<Named>,
    changed: Vec<Named>,
    removed: Vec<Named>,
    points: Vec<(Named, Points)>,
}

impl Watch {
    /// Whether a look succeeded, so that every change since is told.
    pub(crate) fn has_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// Looks at the store. The first look changes nothing.
    pub(crate) fn look(mut self, library: &Library) -> (Self, Change) {
        let Ok(listing) = library.listing() else { return (self, Change::default()) };
        let runs = listing.map(|listing| listing.runs).unwrap_or_default();
        let is_first = self.seen.is_none();
        let mut before = self.seen.take().unwrap_or_default();
        let mut change = Change::default();
        let mut now = BTreeMap::new();
        for run in runs {
            let id = run.info().id.to_string();
            let name = (run.info().project.clone(), id.clone());
            let known = before.remove(&id);
            let left = known.as_ref().map(|known| &known.run.info().project);
            // Of a run that was moved, two projects hear.
            let left = left.filter(|project| **project != name.0).cloned();
            let is_known = known.is_some() && left.is_none();
            change.removed.extend(left.map(|project| (project, id.clone())));
            let (seen, is_changed, points) = Seen::look(run, known);
            if !is_known {
                change.added.push(name.clone());
            } else if is_changed {
                change.changed.push(name.clone());
            }
            change.points.extend(points.map(|points| (name, points)));
            now.insert(id, seen);
        }
        let gone = before.into_iter().map(|(id, seen)| (seen.run.info().project.clone(), id));
        change.removed.extend(gone);
        let change = if is_first { Change::default() } else { change };
        (Self { seen: Some(now) }, change)
    }
}

impl Seen {
    /// Looks at a run again: whether it has changed, and its points if there are new ones.
    fn look(run: RunReader, before: Option<Self>) -> (Self, bool, Option<Points>) {
        let state = run.state();
        let Some(before) = before else {
            let points = if state == State::Running { points(&run) } else { Points::default() };
            return (Self { run, state, points, looked_at_points: None }, false, None);
        };
        let has_ended = before.state == State::Running && state != State::Running;
        let is_changed = before.state != state || !is_same(before.run.info(), run.info());
        let is_due = before.looked_at_points.is_none_or(|last| last.elapsed() >= BETWEEN_POINTS);
        let mut seen = Self { run, state, ..before };
        if !has_ended && (state != State::Running || !is_due) {
            return (seen, is_changed, None);
        }
        let points = points(&seen.run);
        let news = Some(points).filter(|points| *points != seen.points);
        seen.points = points;
        if news.is_some() {
            seen.looked_at_points = Some(Instant::now());
        }
        (seen, is_changed, news)
    }
}

/// A run that was not read again has one info at one place.
fn is_same(before: &RunInfo, now: &RunInfo) -> bool {
    std::ptr::eq(before, now) || before == now
}

fn points(run: &RunReader) -> Points {
    let Ok(summary) = run.summary() else { return Points::default() };
    let trained = summary.iter().filter(|(metric, _)| !metric.starts_with("system/"));
    Points {
        last_step: trained.map(|(_, summary)| summary.step.0).max().unwrap_or_default(),
        count: summary.values().map(|summary| summary.count).sum(),
    }
}

impl Change {
    pub(crate) fn is_empty(&self) -> bool {
        let Self { added, changed, removed, points } = self;
        added.is_empty() && changed.is_empty() && removed.is_empty() && points.is_empty()
    }

    /// What a page hears that shows one project, or all.
    pub(crate) fn events(&self, project: Option<&str>) -> Vec<Event> {
        let is_wanted = |name: &Named| project.is_none_or(|project| project == name.0);
        let wanted = |names: &[Named]| -> Vec<String> {
            names.iter().filter(|name| is_wanted(name)).map(|(_, id)| id.clone()).collect()
        };
        let runs = RunsChanged {
            added: wanted(&self.added),
            changed: wanted(&self.changed),
            removed: wanted(&self.removed),
        };
        let points = self.points.iter().filter(|(name, _)| is_wanted(name));
        let points = PointsLogged {
            runs: points.map(|((_, id), points)| (id.as_str(), (*points).into())).collect(),
        };
        let runs = (!runs.is_empty()).then(|| event("runs", &runs));
        let points = (!points.runs.is_empty()).then(|| event("points", &points));
        runs.into_iter().chain(points).collect()
    }
}

impl From<Points> for live::Points {
    fn from(Points { last_step, count }: Points) -> Self {
        Self { last_step: StepAnswer(Step(last_step)), points: count }
    }
}

/// An event of the stream. Each of its answers can be written as JSON.
pub(crate) fn event(name: &str, answer: &impl Serialize) -> Event {
    Event::default().event(name).json_data(answer).unwrap_or_default()
}
