//! What is told of runs that were deleted.

use tracker_core::{RunId, Timestamp};

use crate::{Error, Place, Result, mirror, requests::Requests};

/// Keeps a place tidy: runs that nobody wants any more, and what is left of them.
#[derive(Debug)]
pub struct Tidy {
    pub(super) requests: Requests,
}

/// A run that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// The project in which it was.
    pub project: String,
    /// The run's id.
    pub run: RunId,
    /// Its name.
    pub name: String,
    /// When it was deleted, by the clock of whoever did so.
    pub since: Timestamp,
    /// Whether what it had was removed since.
    pub is_removed: bool,
}

impl Tidy {
    /// What keeps this place. Asks it nothing yet.
    ///
    /// # Errors
    /// If no thread can be had.
    pub fn new(place: &Place) -> Result<Self> {
        let requests = Requests::new(place).map_err(|source| Error::Io {
            action: "start a thread for",
            path: place.to_string().into(),
            hint: "raise the limits on threads and open files",
            source,
        })?;
        Ok(Self { requests })
    }

    /// All runs that were deleted, the one that started last first. Costs what a list of all runs costs.
    ///
    /// # Errors
    /// If the place does not answer, or the cache cannot be written.
    pub fn deleted(&self) -> Result<Vec<Deleted>> {
        let mut all: Vec<Deleted> = mirror::deleted(self.requests.place())?
            .into_iter()
            .map(|(project, run, gone)| Deleted {
                project,
                run,
                name: gone.name,
                since: gone.since,
                is_removed: gone.is_removed,
            })
            .collect();
        all.sort_by(|one, other| other.run.cmp(&one.run));
        Ok(all)
    }
}
