//! What a run was at a step.

use std::collections::BTreeMap;

use tracker_core::{
    Step as Known,
    read::{
        EventHead, EventKind, LastValue, MessageFilter, Snapshot, StoredEvent, StoredEventKind,
        StoredMessage,
    },
};

use crate::{
    answers::{
        flight::{Flights, Recorded},
        page::{
            at::{MediaAtStep, NamedHistogram, StepAt, Turned, ValueAt},
            recorded::{Said, TextEvent},
            run::Alert,
        },
        step::Step,
        value::Value,
    },
    ui::{
        failure::Answer,
        responses::{artifacts, media, recorded, runs},
    },
};

/// The metrics of an answer.
const MOST_VALUES: usize = 4_096;

/// The texts of an answer, the media, and the histograms, by their names.
const MOST_NAMES: usize = 24;

/// The alerts, the knobs and the artifacts of an answer.
const MOST_EVENTS: usize = 50;

/// Under which name the flight recorder stores its tables.
const FLIGHT: &str = "flight";

/// The messages up to the step, and as many behind it.
const MOST_MESSAGES: usize = 20;

/// What `/runs/ID/at` answers.
pub(crate) fn at(now: &Snapshot, step: u64) -> Answer<StepAt> {
    let found = Found::of(now, step)?;
    let mut left_out = 0;
    let values = now.values_at(step);
    let all = values.len();
    let value = |(metric, last): (String, LastValue)| ValueAt {
        metric,
        step: Step(last.step),
        value: Value(last.value),
    };
    let values: Vec<ValueAt> = values.into_iter().take(MOST_VALUES).map(value).collect();
    left_out += all - values.len();
    let of_step: Vec<_> = artifacts::list(now)?
        .artifacts
        .into_iter()
        .filter(|artifact| artifact.step.is_some_and(|at| at.0 == Known(step)))
        .collect();
    left_out += of_step.len().saturating_sub(MOST_EVENTS) + found.left_out;
    let (alerts, turned) = happened(now, step, &mut left_out)?;
    Ok(StepAt {
        step: Step(Known(step)),
        before: found.before.map(Step),
        behind: found.behind.map(Step),
        values,
        messages: messages(now, step)?,
        texts: texts(now, &found.texts)?,
        media: media_at(now, &found.media)?,
        histograms: histograms(now, &found.histograms)?,
        alerts,
        turned,
        artifacts: of_step.into_iter().take(MOST_EVENTS).collect(),
        flight: flight(now, step)?,
        left_out,
    })
}

/// The last step up to the one in question at which there is something of a name.
type Last = BTreeMap<String, Known>;

/// Where there is something, without what it says.
#[derive(Debug, Default)]
struct Found {
    texts: Last,
    media: Last,
    histograms: Last,
    before: Option<Known>,
    behind: Option<Known>,
    left_out: usize,
}

impl Found {
    fn of(now: &Snapshot, step: u64) -> Answer<Self> {
        let mut found = Self::default();
        now.events_of(|head| {
            if let Some(at) = head.step {
                found.look(head, at, Known(step));
            }
            false
        })?;
        for names in [&mut found.texts, &mut found.media, &mut found.histograms] {
            found.left_out += names.len().saturating_sub(MOST_NAMES);
            while names.len() > MOST_NAMES {
                names.pop_last();
            }
        }
        Ok(found)
    }

    fn look(&mut self, head: &EventHead<'_>, at: Known, step: Known) {
        // Histograms come at every so many steps of a watched model.
        if head.kind != EventKind::Histogram {
            if at < step {
                self.before = self.before.max(Some(at));
            } else if at > step {
                self.behind = Some(self.behind.map_or(at, |known| known.min(at)));
            }
        }
        let names = match head.kind {
            EventKind::Text => &mut self.texts,
            EventKind::Media => &mut self.media,
            EventKind::Histogram => &mut self.histograms,
            _ => return,
        };
        let Some(name) = head.name.filter(|_| at <= step) else { return };
        match names.get_mut(name) {
            Some(known) => *known = at.max(*known),
            None => drop(names.insert(name.to_owned(), at)),
        }
    }
}

fn texts(now: &Snapshot, last: &Last) -> Answer<Vec<TextEvent>> {
    let is_wanted = |head: &EventHead<'_>| {
        head.kind == EventKind::Text
            && head.step.is_some()
            && head.name.is_some_and(|name| last.get(name).copied() == head.step)
    };
    let text = |event: StoredEvent| match event.kind {
        StoredEventKind::Text { name, step, text } => {
            Some(TextEvent { time: event.time, name, step: Step(step), text })
        }
        _ => None,
    };
    Ok(now.events_of(is_wanted)?.into_iter().filter_map(text).take(MOST_EVENTS).collect())
}

fn media_at(now: &Snapshot, last: &Last) -> Answer<Vec<MediaAtStep>> {
    let one = |(name, step): (&String, &Known)| -> Answer<MediaAtStep> {
        let rows = now.media(name, step.0..=step.0)?;
        let media = media::logged(now, &rows);
        Ok(MediaAtStep { name: name.clone(), step: Step(*step), media })
    };
    last.iter().map(one).collect()
}

fn histograms(now: &Snapshot, last: &Last) -> Answer<Vec<NamedHistogram>> {
    let mut named = Vec::new();
    for (name, step) in last {
        let rows = now.histograms(name, step.0..=step.0)?;
        let row = rows.last().map(recorded::row);
        named.extend(row.map(|row| NamedHistogram { name: name.clone(), row }));
    }
    Ok(named)
}

/// The alerts of a step, and the knobs that were turned there.
fn happened(now: &Snapshot, step: u64, left_out: &mut usize) -> Answer<(Vec<Alert>, Vec<Turned>)> {
    let (mut alerts, mut turned) = (Vec::new(), Vec::new());
    let is_wanted = |head: &EventHead<'_>| {
        matches!(head.kind, EventKind::Alert | EventKind::Knob) && head.step == Some(Known(step))
    };
    for event in now.events_of(is_wanted)? {
        let time = event.time;
        match event.kind {
            StoredEventKind::Alert(alert) => alerts.push(runs::alert((time, alert))),
            StoredEventKind::Knob(change) => {
                let value = Value(change.value);
                turned.push(Turned { time, name: change.name, value, by: change.by });
            }
            _ => {}
        }
    }
    // Several ranks tell of one change.
    turned.dedup_by(|one, other| one.name == other.name);
    for most in [alerts.len(), turned.len()] {
        *left_out += most.saturating_sub(MOST_EVENTS);
    }
    alerts.truncate(MOST_EVENTS);
    turned.truncate(MOST_EVENTS);
    Ok((alerts, turned))
}

/// The last messages up to a step, and the first ones behind it.
fn messages(now: &Snapshot, step: u64) -> Answer<Vec<Said>> {
    let run = now.run();
    let filter = || MessageFilter::new().count(MOST_MESSAGES);
    let before = run.messages(&filter().steps(0..=step))?;
    let mut said: Vec<StoredMessage> = before.messages;
    if let Some(next) = step.checked_add(1) {
        said.extend(run.messages(&filter().steps(next..=u64::MAX).after(before.begin))?.messages);
    }
    said.sort_by_key(|message| message.time);
    Ok(said.into_iter().map(recorded::said).collect())
}

/// The flight record whose last step it is, in short.
fn flight(now: &Snapshot, step: u64) -> Answer<Option<Recorded>> {
    let run = now.run();
    if now.media(FLIGHT, step..=step)?.is_empty() {
        return Ok(None);
    }
    let mut flights = run.flights()?;
    flights.retain(|flight| flight.step.0 == step);
    Ok(Flights::read(run, &flights, false)?.flights.pop())
}
