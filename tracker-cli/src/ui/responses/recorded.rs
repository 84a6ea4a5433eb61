//! Messages, texts and histograms of a run as JSON.

use serde_json::{Value, json};
use tracker_core::{
    read::{HistogramRow, RunReader, StoredEventKind},
    text::number_to_json,
};

use crate::ui::{
    failure::Answer,
    json::{Object, object, step},
};

/// What `/runs/ID/events` answers.
pub(crate) fn events(run: &RunReader) -> Answer<Object> {
    let (mut messages, mut texts) = (Vec::new(), Vec::new());
    for event in run.events()? {
        match event.kind {
            StoredEventKind::Message { level, text } => {
                messages.push(json!({ "time": event.time, "level": level, "text": text }));
            }
            StoredEventKind::Text { name, step: at, text } => texts
                .push(json!({ "time": event.time, "name": name, "step": step(at), "text": text })),
            _ => {}
        }
    }
    Ok(object(json!({ "messages": messages, "texts": texts })))
}

/// What `/runs/ID/histograms` answers.
pub(crate) fn histograms(run: &RunReader, name: &str, most: usize) -> Answer<Object> {
    let rows = run.histograms(name)?;
    let shown: Vec<Value> =
        spread(rows.len(), most).filter_map(|place| rows.get(place)).map(row).collect();
    Ok(object(json!({ "rows": shown, "of": rows.len() })))
}

fn row(row: &HistogramRow) -> Value {
    json!({
        "step": step(row.step),
        "time": row.time,
        "min": number_to_json(row.histogram.min),
        "max": number_to_json(row.histogram.max),
        "counts": row.histogram.counts,
        "not_finite": row.histogram.not_finite,
    })
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
