//! Messages, texts and histograms of a run as JSON.

use tracker_core::{
    Histogram,
    read::{HistogramRow as StoredRow, RunReader, StoredEventKind},
};

use crate::{
    answers::{
        page::recorded::{Events, HistogramRow, Histograms, Message, TextEvent},
        step::Step,
        value::Value,
    },
    ui::failure::Answer,
};

/// What `/runs/ID/events` answers.
pub(crate) fn events(run: &RunReader) -> Answer<Events> {
    let (mut messages, mut texts) = (Vec::new(), Vec::new());
    for event in run.events()? {
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

/// What `/runs/ID/histograms` answers.
pub(crate) fn histograms(run: &RunReader, name: &str, most: usize) -> Answer<Histograms> {
    let rows = run.histograms(name)?;
    let shown = spread(rows.len(), most).filter_map(|place| rows.get(place)).map(row);
    Ok(Histograms { rows: shown.collect(), of: rows.len() })
}

fn row(row: &StoredRow) -> HistogramRow {
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

/// At most `most` of `count` places, evenly, the last one included.
fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(most);
    (1..=shown).map(move |nth| nth * count / shown - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_spread_evenly_and_end_with_the_last() {
        assert_eq!(spread(10, 5).collect::<Vec<_>>(), [1, 3, 5, 7, 9]);
        assert_eq!(spread(3, 5).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(spread(1000, 1).collect::<Vec<_>>(), [999]);
        assert_eq!(spread(0, 5).count(), 0);
    }
}
