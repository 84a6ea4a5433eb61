//! What of a run was brought from a place: written into the run's folder before anything of it is, so that after a kill,
//! and when the run has grown there, it is known what is from there and what is not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tracker_core::replica::RunFolder;

use crate::{Place, Result, hash::sha256};

/// The most bytes of a record: some hundred thousand files.
const MOST: u64 = 64 << 20;

/// How the names of records begin.
const FETCHED: &str = "fetched-";

/// What was brought.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The place, as a person named it.
    pub(crate) place: String,
    /// Whether the run has ended there, and all of it is here.
    pub(crate) is_whole: bool,
    /// What was at the place then.
    pub(crate) state: String,
    /// By path in the run's folder.
    pub(crate) files: BTreeMap<String, Brought>,
}

/// A file that was brought, or is about to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Brought {
    /// The most bytes that it has; of one that grows it may have fewer.
    pub(crate) length: u64,
    /// The SHA-256 of what it was and of what it is to be, of files that are replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hashes: Vec<String>,
    /// The state of the file in which it was found to be the last of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stamp: Option<String>,
}

impl Record {
    /// What was brought from there before; `None` if nothing was.
    pub(crate) fn read(folder: &RunFolder, place: &Place) -> Result<Option<Self>> {
        let text = folder.read(&format!("followers/{}", name(place)), MOST)?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    /// Writes it down.
    pub(crate) fn write(&self, folder: &RunFolder, place: &Place) -> Result<()> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Ok(folder.write_note(&name(place), &text)?)
    }
}

/// Whether a folder is a copy of a run that has not ended where it was brought from, or of which something is missing:
/// what it says of the run is older than what its own sender says.
pub(crate) fn is_unfinished_copy(folder: &RunFolder) -> Result<Option<String>> {
    for name in folder.notes()?.iter().filter(|name| name.starts_with(FETCHED)) {
        let text = folder.read(&format!("followers/{name}"), MOST)?.unwrap_or_default();
        match serde_json::from_slice::<Record>(&text) {
            Ok(record) if !record.is_whole => return Ok(Some(record.place)),
            _ => {}
        }
    }
    Ok(None)
}

fn name(place: &Place) -> String {
    let hash = sha256(place.identity().as_bytes());
    format!("{FETCHED}{}.json", &hash[..8])
}
