//! What a `.wandb` file says of its run beside what was logged.

use std::{fs::File, io::BufReader, path::Path};

use prost::Message;
use serde_json::{Map, Value};
use tracker_core::{Outcome, Timestamp};

use super::{
    environment,
    files::HINT,
    find, names, number,
    record::{Record, RunRecord},
    walk::{Field, Fields, ItemRef, items},
};
use crate::{Ended, ForeignRun, Result, failed::failed, framing::wandb_log::LogReader};

/// Numbers of fields of a record.
pub(super) const HISTORY: u64 = 2;
pub(super) const SUMMARY: u64 = 3;
pub(super) const CONFIG: u64 = 5;
pub(super) const STATS: u64 = 7;
pub(super) const RUN: u64 = 17;
const EXIT: u64 = 18;
const ENVIRONMENT: u64 = 26;

/// So deep a config may be nested.
const DEPTH: usize = 32;

/// The most keys of a summary that are kept.
const MOST_RESULTS: usize = 4_096;

/// What is read before a run is imported.
#[derive(Debug, Default)]
pub(super) struct Head {
    run: RunRecord,
    config: Map<String, Value>,
    summary: Map<String, Value>,
    environment: Map<String, Value>,
    exit: Option<(i32, i32)>,
    runtime: Option<f64>,
}

/// What a record is: the number of the one field that matters, and its bytes.
pub(super) fn kind(record: &[u8]) -> Option<(u64, &[u8])> {
    Fields::of(record).find_map(|(number, field)| match field {
        Field::Bytes(bytes) if !matches!(number, 16 | 19 | 200) => Some((number, bytes)),
        _ => None,
    })
}

impl Head {
    /// Reads a file through, or on: later words count more.
    pub(super) fn read(&mut self, path: &Path) -> Result<()> {
        let opened = File::open(path).map_err(failed("open", path, HINT))?;
        let read = || failed("read", path, HINT);
        let mut log = LogReader::new(BufReader::new(opened)).map_err(read())?;
        while let Some(record) = log.next().map_err(read())? {
            if let Some((number, bytes)) = kind(record) {
                self.take(number, bytes, record);
            }
        }
        Ok(())
    }

    fn take(&mut self, number: u64, bytes: &[u8], record: &[u8]) {
        let whole = || Record::decode(record).ok();
        match number {
            CONFIG => self.configure(bytes),
            SUMMARY => self.sum_up(bytes),
            RUN => {
                let Some(run) = whole().and_then(|record| record.run) else { return };
                self.configure(&run.config);
                self.run = run;
                self.run.config.clear();
            }
            EXIT => {
                let exit = whole().and_then(|record| record.exit);
                self.exit = exit.map(|exit| (exit.exit_code, exit.runtime)).or(self.exit);
            }
            ENVIRONMENT => {
                let environment = whole().and_then(|record| record.environment);
                self.environment.extend(environment::facts(environment.unwrap_or_default()));
            }
            _ => {}
        }
    }

    fn configure(&mut self, bytes: &[u8]) {
        for item in items(bytes, 1) {
            let labels = item.labels();
            if labels.first().is_some_and(|first| names::is_taken(first)) || labels.len() > DEPTH {
                continue;
            }
            insert(&mut self.config, &labels, value(&item));
        }
        for item in items(bytes, 2) {
            self.config.remove(&item.name());
        }
    }

    fn sum_up(&mut self, bytes: &[u8]) {
        for item in items(bytes, 1) {
            let name = item.name();
            if name == "_runtime" {
                self.runtime = number::of(item.json).or(self.runtime);
            }
            let is_word = !item.json.starts_with(['{', '[']);
            let is_new = self.summary.len() < MOST_RESULTS || self.summary.contains_key(&name);
            // What W&B has made of the history is there.
            let is_own = item.is_said && !name.starts_with('_');
            if is_word && is_new && is_own {
                self.summary.insert(name, value(&item));
            }
        }
    }

    /// What the run is on the other side.
    pub(super) fn origin(&self, path: &Path) -> String {
        let id = Some(self.run.run_id.clone()).filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| find::id_of(path));
        let parts =
            [&self.run.entity, &self.run.project, &id].into_iter().filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.map(String::as_str).collect();
        format!("wandb/{}", parts.join("/"))
    }

    /// What is known of the run in these files, of which there are several of one that was resumed.
    pub(super) fn into_run(self, path: &Path) -> ForeignRun {
        let origin = self.origin(path);
        let run = self.run;
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let started_at = run.start_time.map(|time| Timestamp(time.micros()));
        let mut facts = self.environment;
        for (name, text) in [
            ("id", run.run_id),
            ("entity", run.entity),
            ("job type", run.job_type),
            ("sweep", run.sweep_id),
        ] {
            facts.extend(given(text).map(|text| (name.to_owned(), text.into())));
        }
        let mut about = vec![("wandb".to_owned(), facts)];
        if !self.summary.is_empty() {
            about.push(("summary".to_owned(), self.summary));
        }
        ForeignRun {
            origin,
            from: path.display().to_string(),
            project: given(run.project),
            name: given(run.display_name),
            group: given(run.run_group),
            notes: given(run.notes),
            tags: run.tags,
            config: self.config,
            about,
            started_at,
            ended: ended(self.exit, started_at, self.runtime),
        }
    }
}

/// How a run ended, whose exit has this code and this many seconds.
fn ended(exit: Option<(i32, i32)>, started: Option<Timestamp>, runtime: Option<f64>) -> Ended {
    let Some((code, seconds)) = exit else { return Ended::Unknown };
    let outcome = match code {
        0 => Outcome::Finished,
        255 => Outcome::Stopped("stopped: W&B says exit code 255".to_owned()),
        code => Outcome::Failed(format!("exit code {code}")),
    };
    let lasted = match runtime.and_then(number::micros) {
        Some(micros) if micros > 0 => Some(micros),
        _ => (seconds > 0).then(|| i64::from(seconds) * 1_000_000),
    };
    let at = started
        .zip(lasted)
        .map(|(Timestamp(started), lasted)| Timestamp(started.saturating_add(lasted)));
    Ended::As(outcome, at)
}

/// An item's value. What JSON has no number for is a text.
fn value(item: &ItemRef<'_>) -> Value {
    serde_json::from_str(item.json).unwrap_or_else(|_| item.json.into())
}

/// Puts a value at the end of a path of labels.
pub(super) fn insert(into: &mut Map<String, Value>, labels: &[&str], value: Value) {
    match labels {
        [] => {}
        [last] => drop(into.insert((*last).to_owned(), value)),
        [first, rest @ ..] => {
            let inner = into.entry(*first).or_insert_with(|| Map::new().into());
            if !inner.is_object() {
                *inner = Map::new().into();
            }
            if let Some(inner) = inner.as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}
