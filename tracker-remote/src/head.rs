//! What lists show of a run, and the only object that several change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracker_core::{Timestamp, Writer, replica::FileKind};

use crate::{Error, Result};

/// The most bytes of a head.
pub const MOST_HEAD: usize = 16 << 20;

/// A run's head. Whoever changes it reads it first, and writes it only if nobody else has meanwhile.
///
/// Edits and requests are sets of lines: whoever adds one adds to what is there, so that nobody's are lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The version of this form: 1.
    pub format: u32,
    /// The latest attempt of those that sent it; the head of an earlier one never replaces it.
    pub attempt: u16,
    /// The run's small files that lists read, by name: `run.json`, and the summaries of writers.
    pub documents: BTreeMap<String, String>,
    /// The names of all files that lie in the run's folder itself.
    pub names: Vec<String>,
    /// The writers that have not ended, and whether their processes live, as the sender sees it.
    pub live: BTreeMap<Writer, bool>,
    /// When it was sent, by the sender's clock: for people.
    pub beat: Timestamp,
    /// What people edited, on either side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Line>,
    /// What is asked of the run from afar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Line>,
    /// Since when the run is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Timestamp>,
}

/// A line of `edits.jsonl` or `control.jsonl`, which nobody takes for another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Differs for each line.
    pub id: String,
    /// The line as the file has it.
    pub line: Value,
}

/// What stays of the documents of a run that was removed: its name, under this one.
pub(crate) const REMOVED: &str = "removed";

/// Whether a head has the file of this name whole.
pub(crate) fn is_document(name: &str) -> bool {
    name == "run.json" || name.starts_with("summary-")
}

/// Whether a file of the run's own is kept by its hash, as the user's are: one that is replaced, and too long for a tail.
pub(crate) fn is_kept_by_hash(name: &str) -> bool {
    FileKind::of_path(name) == FileKind::Replaced && !is_document(name) && !name.contains('/')
}

impl Head {
    /// Whether the run's objects were removed: it cannot be brought back, only sent again.
    pub(crate) fn is_removed(&self) -> bool {
        self.deleted.is_some() && self.documents.contains_key(REMOVED)
    }

    /// The run's name, as far as the head tells it.
    pub(crate) fn name(&self) -> String {
        if let Some(name) = self.documents.get(REMOVED) {
            return name.clone();
        }
        let edited = self.edits.iter().filter_map(|edit| {
            let name = edit.line.get("name")?.as_str()?;
            Some((edit.line.get("time")?.as_str()?, edit.id.as_str(), name))
        });
        let run = || -> Option<String> {
            let run: Value = serde_json::from_str(self.documents.get("run.json")?).ok()?;
            run.get("name")?.as_str().map(str::to_owned)
        };
        let last = edited.max().map(|(_, _, name)| name.to_owned());
        last.or_else(run).unwrap_or_default()
    }

    /// A head from the bytes of the object of this name.
    ///
    /// # Errors
    /// If it is too long, no head, or of a newer tracker.
    pub fn read(object: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MOST_HEAD {
            return Err(Error::damaged(object, format!("it has more than {MOST_HEAD} bytes")));
        }
        let head: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::damaged(object, format!("it is no head: {error}")))?;
        match head.format {
            1 => Ok(head),
            other => Err(Error::Damaged {
                object: object.to_owned(),
                reason: format!("it has format version {other}"),
                hint: "install a newer tracker to read it".to_owned(),
            }),
        }
    }
}
