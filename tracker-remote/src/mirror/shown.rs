//! What a run's head says, laid into the run's folder so that lists read it there.

use std::{io, path::Path};

use serde_json::{Value, json};
use tracker_core::{RunId, Writer};

use super::cache;
use crate::{Error, Head, Result};

/// The most names that a run's folder has itself: a run of 10,000 ranks has three files each.
const MOST_NAMES: usize = 100_000;

/// The longest name of a file.
const LONGEST_NAME: usize = 200;

/// What readers take for silence begins a minute after a heartbeat. A sender is heard every half a minute and may be
/// late, so a run that is read from afar gets two.
const GRACE: i64 = 60_000_000;

const RUN_FILE: &str = "run.json";
pub(crate) const EDITS: &str = "edits.jsonl";
pub(crate) const CONTROL: &str = "control.jsonl";

/// That a head is one of this run.
pub(crate) fn check(object: &str, run: &RunId, head: &Head) -> Result<()> {
    let damaged = |reason: &str| Err(Error::damaged(object, reason));
    if head.names.len() > MOST_NAMES {
        return damaged("it names too many files");
    }
    let Some(text) = head.documents.get(RUN_FILE) else { return Ok(()) };
    let id = serde_json::from_str::<Value>(text).ok();
    let id = id.as_ref().and_then(|run| run.get("id")).and_then(Value::as_str);
    match id {
        Some(id) if id != run.as_str() => damaged("it is the head of another run"),
        _ => Ok(()),
    }
}

/// Lays a head into the run's folder. `beat` is when the run was heard, in microseconds since 1970.
pub(crate) fn show(folder: &Path, head: &Head, beat: i64) -> io::Result<()> {
    cache::make_folder(folder)?;
    for (writer, lives) in &head.live {
        show_writer(folder, *writer, *lives, beat)?;
    }
    for name in head.names.iter().filter(|name| is_of_the_run(name)) {
        let path = folder.join(name);
        if cache::length(&path).is_none() {
            cache::put_placeholder(&path, 0)?;
        }
    }
    for (name, text) in head.documents.iter().filter(|(name, _)| is_summary(name)) {
        cache::put(&folder.join(name), text.as_bytes())?;
    }
    if !head.edits.is_empty() {
        let mut text = Vec::new();
        for edit in &head.edits {
            serde_json::to_writer(&mut text, &edit.line)?;
            text.push(b'\n');
        }
        cache::put(&folder.join(EDITS), &text)?;
    }
    if let Some(text) = head.documents.get(RUN_FILE) {
        cache::put(&folder.join(RUN_FILE), text.as_bytes())?;
    }
    let has_points = cache::length(&folder.join("scalars")).is_some();
    for name in cache::names(&folder.join("live")).unwrap_or_default() {
        let has_ended = !name.parse().is_ok_and(|writer| head.live.contains_key(&writer));
        let live = folder.join("live").join(name);
        match has_ended {
            // What was fetched of its points goes once its parts are there.
            true if has_points => stop_heart(&live),
            true => cache::remove(&live),
            false => {}
        }
    }
    Ok(())
}

/// Makes a writer one that is known to be dead.
fn stop_heart(live: &Path) {
    cache::remove(&live.join("lock"));
    cache::remove(&live.join("heartbeat"));
}

/// Whether a writer is one that is known to be dead.
pub(crate) fn has_no_heart(live: &Path) -> bool {
    cache::length(&live.join("lock")).is_none()
}

/// That a run was heard again, which has not changed otherwise.
pub(crate) fn beat(folder: &Path, writer: Writer, beat: i64) -> io::Result<()> {
    let heartbeat = folder.join("live").join(writer.to_string()).join("heartbeat");
    if cache::length(&heartbeat).is_none() {
        cache::put(&heartbeat, b"")?;
    }
    cache::set_time(&heartbeat, beat.saturating_add(GRACE))
}

/// Lays into a run's folder that its head cannot be used, so that it is in no list without a word.
pub(crate) fn show_damage(folder: &Path, error: &Error) -> io::Result<()> {
    cache::put(&folder.join(RUN_FILE), error.to_string().as_bytes())
}

/// A writer elsewhere is alive as long as its heart beats; of one that is known to be dead, there is no heart.
fn show_writer(folder: &Path, writer: Writer, lives: bool, heard: i64) -> io::Result<()> {
    let live = folder.join("live").join(writer.to_string());
    cache::make_folder(&live)?;
    if !lives {
        stop_heart(&live);
        return Ok(());
    }
    beat(folder, writer, heard)?;
    let owner = json!({
        "host": "elsewhere", "boot": "elsewhere", "pid": 0, "started": 0, "pid_namespace": 0, "is_locked": false,
    });
    cache::put(&live.join("lock"), owner.to_string().as_bytes())
}

fn is_summary(name: &str) -> bool {
    let writer = name.strip_prefix("summary-").and_then(|name| name.strip_suffix(".json"));
    writer.is_some_and(|writer| writer.parse::<Writer>().is_ok())
}

/// Whether a file may be in a run's folder by this name, other than those that a head has whole.
fn is_of_the_run(name: &str) -> bool {
    const FOLDERS: [&str; 5] = ["scalars", "live", "media", "files", "followers"];
    let is_own = name == RUN_FILE || name == EDITS || is_summary(name) || FOLDERS.contains(&name);
    !is_own && is_plain(name)
}

/// Whether this is the name of one file that tracker or its users make.
pub(crate) fn is_plain(name: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':');
    !name.is_empty()
        && !name.starts_with('.')
        && name.len() <= LONGEST_NAME
        && !name.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_no_files_of_a_run() {
        for bad in
            ["", ".", "..", "../x", "a/b", "a\\b", "c:", "a\nb", ".tmp-1", "run.json", "live"]
        {
            assert!(!is_of_the_run(bad), "{bad:?}");
        }
        assert!(is_of_the_run("events-r0a1.jsonl") && is_of_the_run("control.jsonl"));
        assert!(is_summary("summary-r0a1.json") && !is_summary("summary-../x.json"));
    }
}
