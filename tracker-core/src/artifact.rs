//! Files that belong to a run: checkpoints, models, data sets.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Step, number};

/// One version of a file that belongs to a run. The file stays where it is; the run knows its
/// place, its size and its hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Artifact {
    /// What it is in all its versions, such as `checkpoint/model`.
    pub name: String,
    /// Which version of it, such as `epoch-3`.
    pub version: String,
    /// What kind of thing it is, such as `model`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the file is: relative to the run's folder if it lies within. `None` if it is no file
    /// on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// How many bytes it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The SHA-256 of its bytes in lower-case hexadecimal, as `sha256sum` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The optimizer step after which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The epoch after which it was made, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// What was measured when it was made, by metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "number::by_name")]
    pub metrics: BTreeMap<String, f64>,
    /// Names that move from version to version, such as `latest` and `best`: each belongs to the
    /// last version that was given it and is not deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl Artifact {
    /// A version of an artifact of which nothing else is known yet.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            kind: "file".to_owned(),
            path: None,
            bytes: None,
            sha256: None,
            step: None,
            epoch: None,
            metrics: BTreeMap::new(),
            aliases: Vec::new(),
        }
    }
}
