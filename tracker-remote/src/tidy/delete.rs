//! Deletes a run of a place, and brings it back.

use tracker_core::{RunId, Timestamp};

use super::tidying::Tidy;
use crate::{
    Error, Head, Result,
    change::{Change, change, tell_lists},
    head::REMOVED,
    names::ProjectNames,
};

impl Tidy {
    /// Deletes a run: it is in no list any more, and its senders stop. All of it is still there, until
    /// [`garbage`](Self::garbage) removes it. How many bytes that are.
    ///
    /// # Errors
    /// If there is no such run, or the place does not take it.
    pub fn delete(&self, project: &str, run: &RunId) -> Result<u64> {
        let names = ProjectNames::new(project).run(run);
        let listed = self.requests.list(&names.all(), None);
        let listed = listed.map_err(|error| self.requests.told("list", error))?;
        change(&self.requests, &names.head(), |head| {
            Ok(match head.deleted {
                Some(_) => Change::Not,
                None => Change::To(Head { deleted: Some(Timestamp::now()), ..head.clone() }),
            })
        })?;
        tell_lists(&self.requests, names.project());
        Ok(listed.iter().map(|object| object.size).sum())
    }

    /// Brings back a run that was deleted, with all that it had. `false` if what it had was removed meanwhile: then it may
    /// only be sent again, by whoever has its folder.
    ///
    /// # Errors
    /// If there is no such run, it is not deleted, or the place does not take it.
    pub fn restore(&self, project: &str, run: &RunId) -> Result<bool> {
        let names = ProjectNames::new(project).run(run);
        let listed = self.requests.list(&names.all(), None);
        let has_objects = !listed.map_err(|error| self.requests.told("list", error))?.is_empty();
        let mut is_back = false;
        change(&self.requests, &names.head(), |head| {
            if head.deleted.is_none() {
                return Err(self.refused(
                    run,
                    "it is not deleted",
                    "`tracker ls --store` shows it",
                ));
            }
            is_back = !head.is_removed();
            if is_back {
                return Ok(Change::To(Head { deleted: None, ..head.clone() }));
            }
            if has_objects {
                let reason = "it is being removed just now";
                return Err(self.refused(run, reason, "try again once `tracker gc` has ended"));
            }
            Ok(Change::To(empty()))
        })?;
        tell_lists(&self.requests, names.project());
        Ok(is_back)
    }

    fn refused(&self, run: &RunId, reason: &str, hint: &str) -> Error {
        Error::Elsewhere {
            run: run.to_string(),
            place: self.requests.place().to_string(),
            reason: reason.to_owned(),
            hint: hint.to_owned(),
        }
    }
}

/// The head of a run of which nothing is there. Any sender replaces it.
pub(super) fn empty() -> Head {
    Head {
        format: 1,
        attempt: 0,
        documents: <_>::default(),
        names: Vec::new(),
        live: <_>::default(),
        beat: Timestamp::now(),
        edits: Vec::new(),
        requests: Vec::new(),
        deleted: None,
    }
}

/// What stays of the head of a run that was removed: its name, and that senders are not to send it again.
pub(super) fn removed(head: &Head) -> Head {
    let documents = [(REMOVED.to_owned(), head.name())].into();
    Head { documents, deleted: head.deleted, attempt: head.attempt, ..empty() }
}
