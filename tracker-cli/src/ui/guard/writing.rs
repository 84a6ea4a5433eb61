//! Who may change what: the page of somebody else's store only reads.

use std::path::Path;

use tracker_core::read::RunReader;

use crate::{
    platform::is_of_another_user,
    ui::failure::{Answer, Failure},
};

/// Whether the server changes the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// What belongs to whoever runs the server. In a folder of another user, a change is written
    /// where that user says, with the rights of whoever made it.
    Own,
    /// Everything, because somebody said so.
    All,
    /// Nothing, because somebody said so.
    Nothing,
}

/// Why something is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Asked,
    OfAnotherUser,
}

impl Writing {
    /// What `/store` says: whether the server changes nothing at all, and why.
    pub(crate) fn of_store(self, root: &Path) -> (bool, Option<&'static str>) {
        match self.reason_in([root]) {
            None => (false, None),
            Some(Reason::Asked) => (true, Some("the server was started with --read-only")),
            Some(Reason::OfAnotherUser) => {
                let why = "the store belongs to another user; `tracker ui --writable` changes it";
                (true, Some(why))
            }
        }
    }

    /// What `/runs/ID` says.
    pub(crate) fn of_run(self, root: &Path, run: &RunReader) -> bool {
        self.reason_of(root, run).is_some()
    }

    /// Refuses every change where there are none.
    ///
    /// # Errors
    /// If the server was started to read only.
    pub(crate) fn check_server(self) -> Answer<()> {
        if self == Self::Nothing { Err(refusal(Reason::Asked)) } else { Ok(()) }
    }

    /// Refuses a change of a run that is not to be changed.
    ///
    /// # Errors
    /// If the server only reads, or only reads this run.
    pub(crate) fn check(self, root: &Path, run: &RunReader) -> Answer<()> {
        self.reason_of(root, run).map_or(Ok(()), |reason| Err(refusal(reason)))
    }

    /// Refuses a change of what lies beside the runs of a project.
    ///
    /// # Errors
    /// If the server only reads, or the store or the project belongs to another user.
    pub(crate) fn check_folder(self, root: &Path, folder: &Path) -> Answer<()> {
        self.reason_in([root, folder]).map_or(Ok(()), |reason| Err(refusal(reason)))
    }

    fn reason_of(self, root: &Path, run: &RunReader) -> Option<Reason> {
        let folder = run.path();
        self.reason_in([Some(root), folder.parent(), Some(folder)].into_iter().flatten())
    }

    fn reason_in<'a>(self, folders: impl IntoIterator<Item = &'a Path>) -> Option<Reason> {
        match self {
            Self::All => None,
            Self::Nothing => Some(Reason::Asked),
            Self::Own => {
                folders.into_iter().any(is_of_another_user).then_some(Reason::OfAnotherUser)
            }
        }
    }
}

fn refusal(reason: Reason) -> Failure {
    match reason {
        Reason::Asked => Failure::forbidden(
            "this server changes nothing",
            "start `tracker ui` without --read-only to make changes",
        ),
        Reason::OfAnotherUser => Failure::forbidden(
            "this belongs to another user, so it is only read",
            "if you trust that user, start `tracker ui --writable`",
        ),
    }
}
