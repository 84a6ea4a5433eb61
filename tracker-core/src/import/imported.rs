//! What came of an import.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use crate::{Problem, RunId};

/// A run that is in the store.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Imported {
    /// Its id, the same each time it is imported into this store.
    pub id: RunId,
    /// Its name, as the other tool has it or as people have changed it since.
    pub name: String,
    /// The project that it lies in: where people have moved it, if they have.
    pub project: String,
    /// Its folder.
    pub path: PathBuf,
    /// Whether it was there.
    pub arrival: Arrival,
    /// How many points it has.
    pub points: u64,
    /// How many texts, histograms, media and the like it has.
    pub events: u64,
    /// The metrics that have another name here than they had, the first thousand of them.
    pub renamed: BTreeMap<String, String>,
    /// What could not be kept as it was.
    pub problems: Vec<Problem>,
}

/// How a run came into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Arrival {
    /// It was not there.
    New,
    /// It was there, as it is.
    AlreadyThere,
    /// It was there and has changed since. The earlier import is in the trash.
    Replaced,
}

impl fmt::Display for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::New => "new",
            Self::AlreadyThere => "already there",
            Self::Replaced => "replaced",
        })
    }
}
