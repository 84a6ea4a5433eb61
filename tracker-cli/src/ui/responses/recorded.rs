//! Messages, texts and histograms of a run as JSON.

use tracker_core::{
    Histogram,
    read::{
        EventKind, HistogramRow as StoredRow, MessageFilter, RunReader, Snapshot, StoredEventKind,
        StoredMessage,
    },
};

use crate::{
    answers::{
        page::recorded::{Events, HistogramRow, Histograms, Message, MessagePage, Said, TextEvent},
        step::Step,
        value::Value,
    },
    ui::failure::Answer,
};

/// What `/runs/ID/events` answers.
pub(crate) fn events(now: &Snapshot) -> Answer<Events> {
    let (mut messages, mut texts) = (Vec::new(), Vec::new());
    let is_wanted = |kind| matches!(kind, EventKind::Message | EventKind::Text);
    for event in now.events_of(|head| is_wanted(head.kind))? {
        let time = event.time;
        match event.kind {
            StoredEventKind::Message { level, text } => {
                messages.push(Message { time, level, text });
            }
            StoredEventKind::Text { name, step, text } => {
                texts.push(TextEvent { time, name, step: Step(step), text });
            }
            _ => {}
        }
    }
    Ok(Events { messages, texts })
}

/// What `/runs/ID/messages` answers.
pub(crate) fn messages(run: &RunReader, filter: &MessageFilter) -> Answer<MessagePage> {
    let found = run.messages(filter)?;
    Ok(MessagePage {
        messages: found.messages.into_iter().map(said).collect(),
        begin: found.begin.to_string(),
        end: found.end.to_string(),
        has_more: found.has_more,
    })
}

pub(crate) fn said(message: StoredMessage) -> Said {
    let StoredMessage { time, step, level, source, target, text, fields, .. } = message;
    Said { time, step: step.map(Step), level, source, target, text, fields }
}

/// What `/runs/ID/histograms` answers.
pub(crate) fn histograms(now: &Snapshot, name: &str, most: usize) -> Answer<Histograms> {
    let (rows, of) = now.some_histograms(name, 0..=u64::MAX, most)?;
    Ok(Histograms { rows: rows.iter().map(row).collect(), of })
}

pub(crate) fn row(row: &StoredRow) -> HistogramRow {
    let Histogram { min, max, counts, not_finite, .. } = &row.histogram;
    HistogramRow {
        step: Step(row.step),
        time: row.time,
        min: Value(*min),
        max: Value(*max),
        counts: counts.clone(),
        not_finite: *not_finite,
    }
}
