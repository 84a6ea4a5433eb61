//! Runs in event files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::{Map, json};
use tracker_core::Event;

use crate::{
    Account, Error, ForeignRun, Result, Sink, Source,
    tensorboard::{
        folders::{self, RunFolder},
        packed,
        session::Session,
        telling::Telling,
    },
};

/// Reads event files of TensorBoard, also packed with gzip: one file, or a folder and all below it. Each folder with event
/// files is one run, as in TensorBoard; its files are read one after the other, by the time in their names.
#[derive(Debug)]
pub struct TensorBoardSource {
    root: PathBuf,
    found: BTreeMap<String, (RunFolder, Session)>,
}

impl TensorBoardSource {
    /// Whether a file has the name of an event file, or a folder has such files in it or below. Nothing is read.
    pub fn looks_like(path: &Path) -> bool {
        folders::has_some(path)
    }

    /// Of a file or a folder. Nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), found: BTreeMap::new() }
    }
}

impl Source for TensorBoardSource {
    fn runs(&mut self) -> Result<Vec<ForeignRun>> {
        let mut runs = Vec::new();
        self.found.clear();
        for folder in folders::find(&self.root)? {
            let session = Session::of_files(&folder.files)?;
            if !session.has_events {
                continue;
            }
            let mut run = foreign_run(&folder, &session);
            if self.found.contains_key(&run.origin) {
                // A copy, or another run whose writer gives all files one name: nobody can tell.
                run.origin = by_path(&folder.path);
            }
            self.found.insert(run.origin.clone(), (folder, session));
            runs.push(run);
        }
        if runs.is_empty() {
            return Err(Error::Unusable {
                what: format!("no file in {} has a whole event", self.root.display()),
                hint: "are they event files of TensorBoard, and were they copied whole?".to_owned(),
            });
        }
        Ok(runs)
    }

    fn read(&mut self, run: &ForeignRun, sink: &mut dyn Sink, account: &mut Account) -> Result<()> {
        let (folder, session) = self.found.get(&run.origin).ok_or_else(|| Error::Unusable {
            what: format!("{} is no run of {}", run.origin, self.root.display()),
            hint: "ask for its runs first".to_owned(),
        })?;
        let metrics = session.facts.iter().flat_map(|facts| &facts.metrics);
        for (metric, definition) in metrics {
            let (metric, definition) = (metric.clone(), definition.clone());
            let time = run.started_at.unwrap_or(tracker_core::Timestamp(0));
            sink.event(time, Event::Define { metric, definition })?;
        }
        account.keep("settings", run.config.len() as u64);
        account.leave_out(
            "settings",
            "they are more than 10,000, or than 16 MiB",
            session.left_out,
        );
        let mut telling = Telling::new(sink, account);
        let told = tell(&mut telling, &folder.files);
        telling.done();
        told
    }
}

fn tell(telling: &mut Telling<'_>, files: &[PathBuf]) -> Result<()> {
    for path in files {
        telling.file(&mut packed::open(path)?, path)?;
    }
    Ok(())
}

fn foreign_run(folder: &RunFolder, session: &Session) -> ForeignRun {
    let about = |topic: &str, facts: serde_json::Value| {
        let facts = facts.as_object().cloned().unwrap_or_default();
        (topic.to_owned(), facts)
    };
    let run = ForeignRun {
        origin: origin(folder),
        from: folder.path.display().to_string(),
        project: None,
        name: Some(folder.name.clone()),
        group: None,
        notes: None,
        tags: Vec::new(),
        config: session.config.clone(),
        about: Vec::new(),
        started_at: session.started_at,
        ended: session.ended.clone(),
    };
    let Some(facts) = session.facts.clone() else { return run };
    let mut all: Vec<(String, Map<String, _>)> = facts.about.clone().into_iter().collect();
    all.push(about("tracker", json!({ "run": facts.id, "name": facts.name })));
    ForeignRun {
        ended: facts.ended(),
        project: Some(facts.project),
        name: Some(facts.name),
        group: facts.group,
        notes: facts.notes,
        tags: facts.tags,
        config: facts.config,
        about: all,
        started_at: Some(facts.started_at),
        ..run
    }
}

/// What a run is known by: the name of its folder and of its first file, which has a time, a host and a process in it, so
/// that it stays the same where folders above are moved. A file that has no such name is known by its path.
fn origin(folder: &RunFolder) -> String {
    let name = |path: &Path| {
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let first = folder.files.first().cloned().unwrap_or_default();
    let file = name(&first);
    let file = file.strip_suffix(".gz").unwrap_or(&file);
    let has_time = file.split('.').any(|part| part.len() >= 10 && part.parse::<u64>().is_ok());
    if has_time {
        return format!("tensorboard/{}/{file}", name(&folder.path));
    }
    by_path(&first)
}

fn by_path(path: &Path) -> String {
    format!("tensorboard/{}", path.display())
}
