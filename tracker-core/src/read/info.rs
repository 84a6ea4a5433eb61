//! What is known of a run beside its points.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};

use crate::{
    AlertSummary, Definition, Problem, Result, RunId, Timestamp,
    format::{
        run_file::{Parent, Provenance, RunFile, SinceLast, WriterSummary},
        run_knob::RunKnob,
    },
};

/// What is known of a run beside its points.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RunInfo {
    /// Its id.
    pub id: RunId,
    /// Its short name.
    pub name: String,
    /// Its project.
    pub project: String,
    /// The group it belongs to.
    pub group: Option<String>,
    /// What it is about.
    pub notes: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs and after a crash.
    pub finished_at: Option<Timestamp>,
    /// The words beside its state: an error's text, who stopped it, or what the training said
    /// of its end.
    pub message: Option<String>,
    /// The training's settings.
    pub config: Map<String, Value>,
    /// The run that it was forked from.
    pub parent: Option<Parent>,
    /// What differs from the run of the same program before it, as was told at its start.
    pub since: Option<SinceLast>,
    /// What its metrics mean.
    pub definitions: BTreeMap<String, Definition>,
    /// Facts by topic, such as `parameters` of `model`.
    pub about: BTreeMap<String, Map<String, Value>>,
    /// Where and from what it was started.
    pub provenance: Provenance,
    /// Whether its training has ever looked for requests to stop. `None` where nobody knows,
    /// because an older version wrote the run.
    pub listens_to_stop: Option<bool>,
    /// What went wrong, as its report said.
    pub problems: Vec<Problem>,
    /// What somebody should look at, in short; [`RunReader::alerts`](crate::read::RunReader::alerts) has all
    /// of it.
    pub alerts: AlertSummary,
    /// The numbers that people may change while it trains, by name, as they were when the run was opened;
    /// [`RunReader::knob_changes`](crate::read::RunReader::knob_changes) says how they got there.
    pub knobs: BTreeMap<String, RunKnob>,
}

impl RunInfo {
    /// The study whose trial it is, as it says in `about`.
    pub fn study(&self) -> Option<&str> {
        self.about.get("study")?.get("name")?.as_str()
    }

    /// The group by which it is listed and judged: its own, else the study whose trial it is.
    pub fn group_or_study(&self) -> Option<&str> {
        self.group.as_deref().or_else(|| self.study())
    }

    pub(crate) fn of(file: RunFile) -> Self {
        Self {
            id: file.id,
            name: file.name,
            project: file.project,
            group: file.group,
            notes: file.notes,
            tags: file.tags,
            started_at: file.started_at,
            finished_at: file.finished_at,
            message: file.message.or(file.conclusion),
            config: file.config,
            parent: file.parent,
            since: file.since,
            definitions: file.definitions,
            about: file.about,
            provenance: file.provenance,
            listens_to_stop: file.listens_to_stop,
            problems: file.problems,
            alerts: file.alerts,
            knobs: file.knobs,
        }
    }

    /// What the folder's own name tells of a run whose `run.json` cannot be read, and why.
    pub(crate) fn of_folder(folder: &Path, message: &str) -> Result<Self> {
        let text = |path: Option<&std::ffi::OsStr>| {
            path.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let id: RunId = text(folder.file_name()).parse()?;
        let project = text(folder.parent().and_then(Path::file_name));
        Ok(Self {
            name: id.to_string(),
            started_at: id.started_at(),
            id,
            project,
            group: None,
            notes: None,
            tags: Vec::new(),
            finished_at: None,
            message: Some(message.to_owned()),
            config: Map::new(),
            parent: None,
            since: None,
            definitions: BTreeMap::new(),
            about: BTreeMap::new(),
            provenance: Provenance::default(),
            listens_to_stop: None,
            problems: Vec::new(),
            alerts: AlertSummary::default(),
            knobs: BTreeMap::new(),
        })
    }

    /// Takes over what another rank knows. What `run.json` says counts first.
    pub(crate) fn add(&mut self, other: WriterSummary) {
        for (metric, mut definition) in other.definitions {
            let known = self.definitions.remove(&metric).unwrap_or_default();
            definition.merge(known);
            self.definitions.insert(metric, definition);
        }
        for (topic, mut facts) in other.about {
            let known = self.about.remove(&topic).unwrap_or_default();
            facts.extend(known);
            self.about.insert(topic, facts);
        }
        self.alerts.add_all(other.alerts);
        for problem in other.problems {
            match self.problems.iter_mut().find(|known| known.kind == problem.kind) {
                Some(known) => known.count += problem.count,
                None => self.problems.push(problem),
            }
        }
    }
}
