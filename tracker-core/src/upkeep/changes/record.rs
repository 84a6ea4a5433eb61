//! What a change was, as it is kept until it is taken back or forgotten.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result, RunId, Timestamp,
    platform::machine::this_user,
    read::{Edit, RunReader, Store},
    value::words::plural,
};

/// The version of `change.json`.
pub(super) const VERSION: u32 = 1;

/// A change that was made of runs or of a project, which [`undo`](crate::upkeep::undo) takes back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// Names it among the changes of its store. Later ones come later in the order of texts.
    pub id: RunId,
    /// When it was made.
    pub time: Timestamp,
    /// Who made it: user and machine.
    pub by: String,
    /// What sort of change it was.
    pub kind: ChangeKind,
    /// How many runs it was meant to change.
    pub runs: usize,
    pub(super) record: Record,
}

/// Sorts of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Runs were put into the trash.
    Deleted,
    /// Runs were moved to another project.
    Moved,
    /// Name, group, notes or tags of runs were changed.
    Edited,
    /// A project got another name.
    ProjectRenamed,
}

impl ChangeKind {
    /// The kind's name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Moved => "moved",
            Self::Edited => "edited",
            Self::ProjectRenamed => "project-renamed",
        }
    }
}

/// The contents of `change.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    pub(super) time: Timestamp,
    pub(super) by: String,
    #[serde(flatten)]
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum What {
    Deleted { runs: Vec<Place> },
    Moved { to: String, runs: Vec<Place> },
    Edited { runs: Vec<Edited> },
    ProjectRenamed { from: String, to: String, runs: usize },
}

/// Where a run lay. Its folder has the name of an id, be it not the run's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) folder: RunId,
    pub(super) project: String,
    pub(super) name: String,
}

/// What an edit changed of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Edited {
    #[serde(flatten)]
    pub(super) run: Place,
    pub(super) before: Edit,
    pub(super) after: Edit,
}

impl Record {
    pub(super) fn new(what: What) -> Self {
        Self { version: VERSION, time: Timestamp::now(), by: this_user(), what }
    }

    /// Of a change of which nothing but its runs was found.
    pub(super) fn found(what: What, time: Timestamp) -> Self {
        Self { version: VERSION, time, by: "unknown".to_owned(), what }
    }

    /// Of which version a record is, whatever else it says.
    pub(super) fn version_of(text: &[u8]) -> Option<u32> {
        let known: BTreeMap<String, serde_json::Value> = serde_json::from_slice(text).ok()?;
        known.get("version")?.as_u64()?.try_into().ok()
    }
}

impl What {
    /// Whether it names any of the runs that were deleted.
    pub(super) fn has_runs(&self) -> bool {
        matches!(self, Self::Deleted { runs } if !runs.is_empty())
    }
}

impl Place {
    /// Where a run lies in its store.
    ///
    /// # Errors
    /// If it is of another store, or was opened by its path alone.
    pub(super) fn of(store: &Store, run: &RunReader, action: &'static str) -> Result<Self> {
        let (paths, name) = (run.paths(), run.info().name.clone());
        let folder = paths.folder().name().parse().ok();
        let project = paths.project().filter(|_| run.path().starts_with(store.root()));
        let place = folder.zip(project.map(str::to_owned));
        let place = place.map(|(folder, project)| Self { folder, project, name });
        place.ok_or_else(|| Error::Refused {
            action,
            path: run.path().to_owned(),
            reason: format!("it is not one of the runs of {}", store.root().display()),
            hint: "find it by `Store::find` of the store that it is in".into(),
        })
    }
}

impl Change {
    pub(super) fn new(id: RunId, record: Record) -> Self {
        let (kind, runs) = match &record.what {
            What::Deleted { runs } => (ChangeKind::Deleted, runs.len()),
            What::Moved { runs, .. } => (ChangeKind::Moved, runs.len()),
            What::Edited { runs } => (ChangeKind::Edited, runs.len()),
            What::ProjectRenamed { runs, .. } => (ChangeKind::ProjectRenamed, *runs),
        };
        Self { id, time: record.time, by: record.by.clone(), kind, runs, record }
    }

    /// The name of the only run that it was about.
    fn only(&self) -> Option<&str> {
        match &self.record.what {
            What::Deleted { runs } | What::Moved { runs, .. } => match runs.as_slice() {
                [only] => Some(&only.name),
                _ => None,
            },
            What::Edited { runs } => match runs.as_slice() {
                [only] => Some(&only.run.name),
                _ => None,
            },
            What::ProjectRenamed { .. } => None,
        }
    }
}

/// What was done, such as `deleted 3 runs`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = self.only().map_or_else(
            || plural(self.runs as u64, "run"),
            |name| format!("run {}", crate::error::excerpt(name)),
        );
        match &self.record.what {
            What::Deleted { .. } => write!(f, "deleted {runs}"),
            What::Moved { to, .. } => write!(f, "moved {runs} to {}", crate::error::excerpt(to)),
            What::Edited { runs: edited } => write!(f, "changed the {} of {runs}", fields(edited)),
            What::ProjectRenamed { from, to, .. } => {
                let [from, to] = [from, to].map(|name| crate::error::excerpt(name));
                write!(f, "renamed the project {from} to {to}")
            }
        }
    }
}

/// What was changed of any of the runs, in words.
fn fields(runs: &[Edited]) -> String {
    let mut fields: Vec<&str> = Vec::new();
    for field in runs.iter().flat_map(|run| run.after.fields()) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields.join(" and ")
}
