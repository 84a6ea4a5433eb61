//! What people write while they read from afar: edits, and what they ask of a run. Both go into its head.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use object_store::{PutMode, path::Path as Name};
use serde_json::Value;

use super::{
    requests::{Fetched, Requests},
    shown::{CONTROL, EDITS},
};
use crate::{Head, Line, MOST_HEAD};

/// How often to try again when others write the head at the same time.
const TRIES: u32 = 20;

/// The most lines of edits and of requests that a head takes.
const MOST_LINES: usize = 10_000;

/// After so long a lock is nobody's: what is done under it takes milliseconds.
const STALE: Duration = Duration::from_secs(10);

/// Adds a line to a head, whoever else changes it meanwhile.
pub(super) fn append(requests: &Requests, head: &Name, file: &str, line: &Value) -> io::Result<()> {
    let line = named(line)?;
    for tried in 1..=TRIES {
        let got = requests.get_if_changed(head, None, MOST_HEAD as u64)?;
        let got = got.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut changed = Head::read(head.as_ref(), &got.bytes).map_err(io::Error::other)?;
        let lines = match file {
            EDITS => &mut changed.edits,
            CONTROL => &mut changed.requests,
            _ => return Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem)),
        };
        if lines.len() >= MOST_LINES {
            return Err(io::Error::other(format!(
                "the run's head has {MOST_LINES} lines of {file}"
            )));
        }
        lines.push(line.clone());
        if swap(requests, head, &got, serde_json::to_vec(&changed)?)? {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(u64::from(10 + 7 * tried)));
    }
    Err(io::Error::other("others write the run's head all the time; try again"))
}

/// Replaces a head, unless it is another one by now.
fn swap(requests: &Requests, head: &Name, known: &Fetched, bytes: Vec<u8>) -> io::Result<bool> {
    let update = PutMode::Update(known.version.clone());
    match requests.put(head, bytes.clone(), update) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            swap_in_folder(requests, head, known, bytes)
        }
        put => put,
    }
}

/// A folder has no such operation. There, whoever replaces a head first makes an object beside it, as the uplink does,
/// and takes away one that a killed process has left.
fn swap_in_folder(
    requests: &Requests,
    head: &Name,
    known: &Fetched,
    bytes: Vec<u8>,
) -> io::Result<bool> {
    let lock = Name::from(format!("{head}.lock"));
    let mut begun = Instant::now();
    while !requests.put(&lock, Vec::new(), PutMode::Create)? {
        if begun.elapsed() > STALE {
            // Its maker may have removed it just now.
            let _ = requests.delete(&lock);
            begun = Instant::now();
        }
        thread::sleep(Duration::from_millis(20));
    }
    let swapped = requests.get_if_changed(head, None, MOST_HEAD as u64).and_then(|now| {
        if now.is_none_or(|now| now.bytes != known.bytes) {
            return Ok(false);
        }
        requests.put(head, bytes, PutMode::Overwrite)
    });
    requests.delete(&lock)?;
    swapped
}

/// A line as a head has it: each that tracker writes has an id.
fn named(line: &Value) -> io::Result<Line> {
    let id = line.get("id").and_then(Value::as_str).map(str::to_owned);
    let id = id.ok_or_else(|| io::Error::other("the line has no id"))?;
    Ok(Line { id, line: line.clone() })
}
