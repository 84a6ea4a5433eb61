//! What a run made use of: files that another run made, data sets.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{RunId, event::artifact::as_text};

/// Something that a run made use of, such as a data set or a model that another run trained: an edge of the
/// graph of who made what of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Used {
    /// The artifact's name, or that of the data set.
    pub name: String,
    /// What kind of thing it is, such as `model` or `dataset`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which version of the artifact; a data set has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The SHA-256 in lower-case hexadecimal: of a file as `sha256sum` prints it, of a folder as
    /// [`Run::dataset`](crate::Run::dataset) says. `None` if it could not be read in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How many bytes it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How many files it has, if it is a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// The run that made it, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The project of that run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Where it was.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub path: Option<PathBuf>,
}

impl Used {
    /// Something of which nothing else is known yet.
    pub fn new(name: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: kind.into(),
            version: None,
            sha256: None,
            bytes: None,
            files: None,
            run: None,
            project: None,
            path: None,
        }
    }
}
