//! A reader that writes down how far it is, and goes on from there in another process.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use tracker_core::{
    Event, Level, Run, Tracker, init,
    read::{Cursor, EventCursor, RunReader},
};

fn begin() -> (tempfile::TempDir, Run, RunReader) {
    let folder = tempfile::tempdir().unwrap();
    let run = init("test").dir(folder.path()).signals(false).system_metrics(false).start().unwrap();
    let reader = RunReader::open(run.path()).unwrap();
    (folder, run, reader)
}

/// Adds the steps that have come since to those that were found.
fn take(found: &mut BTreeMap<String, Vec<u64>>, reader: &RunReader, cursor: &mut Cursor) {
    for (metric, rows) in reader.tail(cursor).unwrap().metrics {
        found.entry(metric).or_default().extend(rows.iter().map(|row| row.step.0));
    }
}

#[test]
fn a_reader_that_begins_behind_a_place_gets_each_later_point_once_with_its_name() {
    let (_folder, run, reader) = begin();
    let mut places = BTreeMap::new();
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for round in 0..20_u64 {
        for step in round * 50..(round + 1) * 50 {
            run.log_at(step, vec![("a".to_owned(), 1.0), (format!("new in {round}"), 2.0)]);
        }
        if round == 10 {
            run.flush(std::time::Duration::from_secs(30)).unwrap();
        }
        // Nothing but the places is left of the cursor, as when its process was killed.
        let mut cursor = Cursor::behind(&places);
        take(&mut found, &reader, &mut cursor);
        places = cursor.places();
    }
    run.finish().unwrap();
    // Where no other process sees the memory of a run, there is more now.
    let mut cursor = Cursor::behind(&places);
    take(&mut found, &reader, &mut cursor);
    let places = cursor.places();
    let mut cursor = Cursor::behind(&places);
    assert!(reader.tail(&mut cursor).unwrap().metrics.is_empty(), "all was given");
    assert_eq!(cursor.places(), places);
    assert_eq!(found["a"], (0..1_000).collect::<Vec<_>>());
    for round in 0..20 {
        let steps: Vec<u64> = (round * 50..(round + 1) * 50).collect();
        assert_eq!(found[&format!("new in {round}")], steps);
    }
}

#[test]
fn who_follows_one_metric_gets_its_values_once_and_those_of_no_other() {
    let (_folder, run, reader) = begin();
    let mut cursor = Cursor::default();
    let mut found = Vec::new();
    for step in 0..100_u64 {
        run.log_at(step, vec![("a".to_owned(), step as f64), ("b".to_owned(), -1.0)]);
        if step == 50 {
            run.flush(std::time::Duration::from_secs(30)).unwrap();
        }
        if step % 7 == 0 {
            found.extend(reader.tail_metric(&mut cursor, "a").unwrap());
        }
    }
    run.finish().unwrap();
    found.extend(reader.tail_metric(&mut cursor, "a").unwrap());
    let values: Vec<f64> = found.iter().map(|row| row.value).collect();
    assert_eq!(values, (0..100).map(f64::from).collect::<Vec<_>>());
    assert!(reader.tail_metric(&mut cursor, "no such metric").unwrap().is_empty());
}

#[test]
fn a_reader_tells_when_the_run_says_something_else_of_itself() {
    let (_folder, run, reader) = begin();
    assert!(!reader.has_changed());
    run.finish().unwrap();
    assert!(reader.has_changed());
    assert!(!reader.reopen().unwrap().has_changed());
}

#[test]
fn a_long_run_is_read_some_parts_at_a_time() {
    const POINTS: u64 = 2_500_000;
    let (_folder, run, reader) = begin();
    let metric = run.metric("a");
    for step in 0..POINTS {
        metric.log(step, 1.0);
    }
    run.finish().unwrap();
    let (mut places, mut next, mut rounds) = (BTreeMap::new(), 0, 0);
    loop {
        let mut cursor = Cursor::behind(&places);
        let tail = reader.tail_some(&mut cursor, 1).unwrap();
        for row in tail.metrics.get("a").into_iter().flatten() {
            assert_eq!(row.step.0, next);
            next += 1;
        }
        places = cursor.places();
        rounds += 1;
        if !tail.has_more {
            break;
        }
    }
    assert_eq!(next, POINTS);
    assert!(rounds >= 3, "{rounds}");
}

#[test]
fn events_are_given_once_and_a_line_that_is_not_whole_is_waited_for() {
    let (_folder, run, reader) = begin();
    let (mut cursor, mut texts) = (EventCursor::default(), Vec::new());
    for number in 0..5 {
        run.record(Event::Message { level: Level::Info, text: format!("message {number}") });
        run.flush(std::time::Duration::from_secs(30)).unwrap();
        let place = serde_json::to_string(&cursor).unwrap();
        cursor = serde_json::from_str(&place).unwrap();
        texts.extend(reader.tail_events(&mut cursor).unwrap());
    }
    run.finish().unwrap();
    texts.extend(reader.tail_events(&mut cursor).unwrap());
    assert_eq!(texts, reader.events().unwrap());
    let events = run.path().join("events-r0a1.jsonl");
    let whole = std::fs::read(&events).unwrap();
    let mut cursor = EventCursor::default();
    std::fs::write(&events, &whole[..whole.len() - 3]).unwrap();
    let first = reader.tail_events(&mut cursor).unwrap();
    std::fs::write(&events, &whole).unwrap();
    assert_eq!((first.len(), reader.tail_events(&mut cursor).unwrap().len()), (texts.len() - 1, 1));
}
