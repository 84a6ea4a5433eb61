//! What people write while they read from afar: edits, and what they ask of a run. Both go into its head.

use std::{io, time::Duration};

use object_store::path::Path as Name;
use serde_json::Value;
use tracker_core::Timestamp;

use super::shown::{CONTROL, EDITS};
use crate::{
    Error, Head, Line,
    change::{Change, change},
    requests::Requests,
};

/// The most lines of edits and of requests that a head takes.
const MOST_LINES: usize = 10_000;

/// After so long nobody obeys a request any more: its sender takes requests every few seconds.
const ASKED: Duration = Duration::from_hours(24 * 7);

/// Adds a line to a head, whoever else changes it meanwhile.
pub(super) fn append(requests: &Requests, head: &Name, file: &str, line: &Value) -> io::Result<()> {
    let line = named(line)?;
    if ![EDITS, CONTROL].contains(&file) {
        return Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
    }
    let added = |there: &Head| {
        if there.deleted.is_some() {
            return Err(Error::damaged(head.as_ref(), "its run was deleted there meanwhile"));
        }
        let mut changed = there.clone();
        forget_old(&mut changed.requests);
        let lines = if file == EDITS { &mut changed.edits } else { &mut changed.requests };
        if lines.len() >= MOST_LINES {
            let reason = format!("it has {MOST_LINES} lines of {file}");
            return Err(Error::damaged(head.as_ref(), reason));
        }
        if lines.iter().all(|known| known.id != line.id) {
            lines.push(line.clone());
        }
        Ok(Change::To(changed))
    };
    change(requests, head, added).map(drop).map_err(io::Error::other)
}

/// Forgets requests to which no training listens any more. Those of which nobody knows when they were made stay.
fn forget_old(requests: &mut Vec<Line>) {
    let oldest = Timestamp::now().as_micros() - ASKED.as_micros() as i64;
    requests.retain(|request| {
        let time = request.line.get("time").cloned();
        let time = time.and_then(|time| serde_json::from_value::<Timestamp>(time).ok());
        time.is_none_or(|time| time.as_micros() >= oldest)
    });
}

/// A line as a head has it: each that tracker writes has an id.
fn named(line: &Value) -> io::Result<Line> {
    let id = line.get("id").and_then(Value::as_str).map(str::to_owned);
    let id = id.ok_or_else(|| io::Error::other("the line has no id"))?;
    Ok(Line { id, line: line.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_of_last_month_are_forgotten_and_those_of_now_are_kept() {
        let of = |id: &str, time: &str| Line { id: id.into(), line: json!({ "time": time }) };
        let now = serde_json::to_value(Timestamp::now()).unwrap();
        let mut requests =
            vec![of("A", "2020-01-31T18:30:00Z"), of("B", now.as_str().unwrap()), of("C", "?")];
        forget_old(&mut requests);
        assert_eq!(requests.iter().map(|line| &*line.id).collect::<Vec<_>>(), ["B", "C"]);
    }
}
