//! One stored run.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use crate::{
    Definition, Error, Problem, Result, RunId, State, Summary, Timestamp, Writer,
    error::IoContext,
    format::{
        event_line::StoredEvent,
        layout::{RunPaths, claimed_writer, file_names},
        run_file::{Provenance, RunFile},
    },
    read::{Row, Warning, liveness, sources},
};

/// A stored run. Opening it reads `run.json` only; points are read when asked for.
#[derive(Debug, Clone)]
pub struct RunReader {
    paths: RunPaths,
    info: RunInfo,
    file: Option<RunFile>,
    damage: Option<Warning>,
}

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
    /// The words beside its state: an error's text, or who stopped it.
    pub message: Option<String>,
    /// The training's settings.
    pub config: Map<String, Value>,
    /// What its metrics mean.
    pub definitions: BTreeMap<String, Definition>,
    /// Where and from what it was started.
    pub provenance: Provenance,
    /// What went wrong, as its report said.
    pub problems: Vec<Problem>,
}

/// All rows of one metric.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// The metric's name.
    pub metric: String,
    /// Its rows, in the order of step, attempt and seq.
    pub rows: Vec<Row>,
}

/// All points of a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Points {
    /// Each metric's rows, by name.
    pub series: Vec<Series>,
    /// What is damaged; everything else is here.
    pub warnings: Vec<Warning>,
}

impl RunReader {
    /// Opens the run in `folder`.
    ///
    /// A damaged `run.json` costs the name, config and notes; the points stay readable, and
    /// [`damage`](Self::damage) says so.
    ///
    /// # Errors
    /// If the folder is no run's, or a newer tracker wrote it.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let paths = RunPaths::new(folder.into());
        let path = paths.run_file();
        match RunFile::read(&path) {
            Ok(file) => {
                Ok(Self { info: RunInfo::of(&file), file: Some(file), paths, damage: None })
            }
            Err(error @ Error::Damaged { .. }) => {
                let info = RunInfo::of_folder(paths.folder())?;
                let damage = Some(Warning(error.to_string()));
                Ok(Self { info, file: None, paths, damage })
            }
            Err(error) => Err(error),
        }
    }

    /// What is known of the run beside its points.
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// The run's folder.
    pub fn path(&self) -> &Path {
        self.paths.folder()
    }

    /// The run's state now. Looks at the process of a run that has not ended.
    pub fn state(&self) -> State {
        let said = self.file.as_ref().map_or(State::Running, |file| file.state);
        if said != State::Running {
            return said;
        }
        let seen = liveness::state_of_running(&self.paths);
        if seen == State::Running {
            return seen;
        }
        // It may have ended since `run.json` was read.
        match RunFile::read(&self.paths.run_file()) {
            Ok(file) if file.state != State::Running => file.state,
            _ => seen,
        }
    }

    /// Each metric's summary. Costs one file for a run that has ended, else its footers and logs.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn summary(&self) -> Result<BTreeMap<String, Summary>> {
        let stored = self.file.as_ref().filter(|file| self.covers_all_writers(file));
        let sums = match stored {
            Some(file) => file.summary.clone(),
            None => sources::summaries(&self.paths)?.metrics,
        };
        let summary = |(metric, sum): (String, crate::summary::Accumulator)| {
            let summary = sum.summary(self.info.definitions.get(&metric));
            (metric, summary)
        };
        Ok(sums.into_iter().map(summary).collect())
    }

    fn covers_all_writers(&self, file: &RunFile) -> bool {
        let names = file_names(self.path()).unwrap_or_default();
        let mut writers = names.iter().filter_map(|name| claimed_writer(name));
        file.state != State::Running && writers.all(|writer| file.summary_of.contains(&writer))
    }

    /// The names of all metrics that have points.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn metrics(&self) -> Result<Vec<String>> {
        Ok(self.summary()?.into_keys().collect())
    }

    /// All rows of one metric, in the order of step, attempt and seq.
    ///
    /// # Errors
    /// If the run has no such metric, or its folder cannot be listed.
    pub fn series(&self, metric: &str) -> Result<Vec<Row>> {
        let mut found = sources::rows(&self.paths, Some(metric))?;
        found.metrics.remove(metric).ok_or_else(|| self.unknown(metric))
    }

    fn unknown(&self, metric: &str) -> Error {
        let known = self.metrics().unwrap_or_default();
        let hint = if known.is_empty() {
            "it has no metrics yet".to_owned()
        } else {
            format!("it has {}", known.join(", "))
        };
        Error::UnknownMetric {
            metric: crate::error::excerpt(metric),
            run: self.info.name.clone(),
            hint,
        }
    }

    /// All rows of all metrics, by name, and what could not be read of them.
    ///
    /// # Errors
    /// If the run's folder cannot be listed.
    pub fn points(&self) -> Result<Points> {
        let found = sources::rows(&self.paths, None)?;
        let series = |(metric, rows)| Series { metric, rows };
        Ok(Points {
            series: found.metrics.into_iter().map(series).collect(),
            warnings: self.damage.iter().cloned().chain(found.warnings).collect(),
        })
    }

    /// The run's texts and messages, in the order in which each process recorded them.
    ///
    /// # Errors
    /// If a file cannot be read. A line that is cut or damaged is left out.
    pub fn events(&self) -> Result<Vec<StoredEvent>> {
        let names = file_names(self.path())?;
        let mut writers: Vec<Writer> =
            names.iter().filter_map(|name| claimed_writer(name)).collect();
        writers.sort_unstable();
        let mut events = Vec::new();
        for writer in writers {
            let path = self.paths.events(writer);
            let text = fs::read(&path).io_context("read", &path, "check the file's permissions")?;
            let lines = text.split(|byte| *byte == b'\n');
            events
                .extend(lines.filter_map(|line| serde_json::from_slice::<StoredEvent>(line).ok()));
        }
        Ok(events)
    }

    /// What is wrong with `run.json`, if it is damaged.
    pub fn damage(&self) -> Option<&Warning> {
        self.damage.as_ref()
    }
}

impl RunInfo {
    fn of(file: &RunFile) -> Self {
        let file = file.clone();
        Self {
            id: file.id,
            name: file.name,
            project: file.project,
            group: file.group,
            notes: file.notes,
            tags: file.tags,
            started_at: file.started_at,
            finished_at: file.finished_at,
            message: file.message,
            config: file.config,
            definitions: file.definitions,
            provenance: file.provenance,
            problems: file.problems,
        }
    }

    /// What the folder's own name tells of a run whose `run.json` is damaged.
    fn of_folder(folder: &Path) -> Result<Self> {
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
            message: Some("its run.json is damaged".into()),
            config: Map::new(),
            definitions: BTreeMap::new(),
            provenance: Provenance::default(),
            problems: Vec::new(),
        })
    }
}
