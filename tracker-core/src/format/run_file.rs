//! `run.json`: what a run is, in a form that people can read.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    AlertSummary, Definition, Error, Problem, Result, RunId, State, Step, Timestamp, Writer,
    error::IoContext,
    format::{folder::StorePath, run_knob::RunKnob},
    value::summary::Accumulator,
};

/// The format of the store that this version writes.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The most bytes of a `run.json` or a summary: one of 65,536 metrics has a third of them.
pub(crate) const MOST_BYTES: u64 = 64 << 20;

/// What to do about a `run.json` that cannot be read.
pub(crate) const HINT: &str = "is this a run's folder?";

/// The contents of `run.json`. Rewritten whole at the start, on a change and at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunFile {
    pub(crate) version: u32,
    pub(crate) id: RunId,
    pub(crate) name: String,
    pub(crate) project: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    pub(crate) state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) config: Map<String, Value>,
    #[serde(default)]
    pub(crate) definitions: BTreeMap<String, Definition>,
    /// Facts by topic, such as how many parameters the model has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) about: BTreeMap<String, Map<String, Value>>,
    /// Whether its events may tell that it made use of something, so that others need not look.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) uses: bool,
    /// The run that a fork goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<Parent>,
    /// What to say beside the state of a run that came to its end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) conclusion: Option<String>,
    #[serde(default)]
    pub(crate) provenance: Provenance,
    /// Whether the training has ever looked for requests to stop. Older versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) listens_to_stop: Option<bool>,
    /// The writers whose points `summary` covers.
    #[serde(default)]
    pub(crate) summary_of: Vec<Writer>,
    #[serde(default)]
    pub(crate) summary: BTreeMap<String, Accumulator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<Problem>,
    /// What somebody should look at, in short.
    #[serde(default, skip_serializing_if = "AlertSummary::is_empty")]
    pub(crate) alerts: AlertSummary,
    /// The numbers that people may change while the training goes on, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) knobs: BTreeMap<String, RunKnob>,
    /// What differs from the run of the same program before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<SinceLast>,
    /// What resumed trainings took back of earlier attempts, in the order in which they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resumes: Vec<Resume>,
}

/// A training that went on from a checkpoint: what earlier attempts logged beyond it is void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resume {
    /// Who went on.
    pub(crate) writer: Writer,
    /// Whose rows are void …
    pub(crate) supersedes: Vec<Writer>,
    /// … where their step is greater than this one. Metrics in the section `system` stay.
    pub(crate) after_step: Step,
}

/// The run that a fork goes on from, and how it stood when it was forked: it may be resumed later, from an
/// earlier step, and that changes nothing in the fork's curves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Parent {
    /// Its id.
    pub run: RunId,
    /// Its name, as it was then.
    pub name: String,
    /// Its project, as it was then.
    pub project: String,
    /// The step after which the fork goes on.
    pub step: Step,
    /// Who had logged to it by then: what others log later is none of the fork's.
    pub(crate) writers: Vec<Writer>,
    /// What had been taken back by then.
    pub(crate) resumes: Vec<Resume>,
}

/// What differed from the newest earlier run of the same project and program when a run started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SinceLast {
    /// The id of the earlier run.
    pub run: RunId,
    /// Its name, as it was then.
    pub name: String,
    /// What differs, in words: `lr 0.001 → 0.003, burn 0.18.0 → 0.19.0`.
    pub text: String,
}

/// Where and from what a run was started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Provenance {
    /// The machine's name.
    pub host: String,
    /// Operating system and version.
    pub os: String,
    /// Processor architecture, such as `x86_64`.
    pub arch: String,
    /// Threads that the process may use.
    pub cpus: usize,
    /// The process.
    pub pid: u32,
    /// Who started it, as the environment says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The working directory.
    pub directory: String,
    /// The commit that the working directory's git repository was at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// The branch it was on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<String>,
    /// Whether files were changed since that commit, or not tracked by git; `None` where nobody
    /// knows. [`RunReader::code`](crate::read::RunReader::code) says which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_dirty: Option<bool>,
    /// The version of tracker-core.
    pub tracker: String,
}

/// The contents of `summary-<writer>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WriterSummary {
    pub(crate) version: u32,
    /// Whether the writer is done, so that nothing is missing here.
    pub(crate) complete: bool,
    pub(crate) metrics: BTreeMap<String, Accumulator>,
    /// What the writer knows of its metrics beyond `run.json`, which only one process writes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) definitions: BTreeMap<String, Definition>,
    /// Facts by topic that only this writer knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) about: BTreeMap<String, Map<String, Value>>,
    /// What went wrong in the writer's process.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<Problem>,
    /// What somebody should look at in what the writer's process logged, in short.
    #[serde(default, skip_serializing_if = "AlertSummary::is_empty")]
    pub(crate) alerts: AlertSummary,
}

/// The one field that every version of the format has.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl RunFile {
    /// A run that has nothing yet but what every run has: who it is, and since when it is in this state.
    pub(crate) fn new(
        id: RunId,
        project: String,
        name: String,
        (state, started_at): (State, Timestamp),
    ) -> Self {
        Self {
            version: FORMAT_VERSION,
            id,
            name,
            project,
            group: None,
            notes: None,
            tags: Vec::new(),
            state,
            message: None,
            started_at,
            finished_at: None,
            config: Map::new(),
            definitions: BTreeMap::new(),
            about: BTreeMap::new(),
            uses: false,
            parent: None,
            conclusion: None,
            provenance: Provenance::default(),
            listens_to_stop: None,
            summary_of: Vec::new(),
            summary: BTreeMap::new(),
            problems: Vec::new(),
            alerts: AlertSummary::default(),
            knobs: BTreeMap::new(),
            since: None,
            resumes: Vec::new(),
        }
    }

    /// Reads a `run.json`.
    ///
    /// # Errors
    /// If it cannot be read, is no JSON of this shape, or a newer tracker wrote it.
    pub(crate) fn read(path: &StorePath) -> Result<Self> {
        let text = path.read(MOST_BYTES).io_context("read", path, HINT)?;
        Self::of(&text, path)
    }

    /// Takes the text of a `run.json` apart, which is at `path`.
    ///
    /// # Errors
    /// If it is no JSON of this shape, or a newer tracker wrote it.
    pub(crate) fn of(text: &[u8], path: &Path) -> Result<Self> {
        let damaged = |error: serde_json::Error| Error::Damaged {
            path: path.to_path_buf(),
            reason: error.to_string(),
            hint: "the run's points are safe; restore run.json from a backup, or move the run's \
                   folder away"
                .into(),
        };
        // What a newer tracker wrote may have another shape, all but its version.
        let read = serde_json::from_slice::<Self>(text);
        let version = match &read {
            Ok(file) => file.version,
            Err(_) => serde_json::from_slice(text).map_or(0, |Version { version }| version),
        };
        if version > FORMAT_VERSION {
            return Err(Error::NewerFormat {
                path: path.to_path_buf(),
                version,
                known: FORMAT_VERSION,
            });
        }
        read.map_err(damaged)
    }
}

impl WriterSummary {
    /// Reads a `summary-<writer>.json`. `None` if it is not there, damaged or of a newer version:
    /// all that it says can be had from the points.
    pub(crate) fn read(path: &StorePath) -> Option<Self> {
        Self::of(&path.read(MOST_BYTES).ok()?)
    }

    /// Takes the text of a `summary-<writer>.json` apart.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let summary: Self = serde_json::from_slice(text).ok()?;
        (summary.version <= FORMAT_VERSION).then_some(summary)
    }
}

/// Indented JSON with each list on one line.
#[derive(Default)]
struct Indented<'a>(serde_json::ser::PrettyFormatter<'a>);

impl serde_json::ser::Formatter for Indented<'_> {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// Writes `value` as indented JSON to `path`, whole or not at all.
pub(crate) fn write_json(path: &StorePath, value: &impl Serialize, sync: bool) -> io::Result<()> {
    let mut text = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Indented::default()))?;
    text.push(b'\n');
    path.replace_with(&text, sync)
}
