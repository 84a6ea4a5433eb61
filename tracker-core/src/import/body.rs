//! The files of a run that is being imported.

use crate::{
    Problem, Result, RunId, Writer,
    error::IoContext,
    event::problems::Problems,
    format::layout::RunPaths,
    import::{events::EventFile, hidden::Hidden, origin::WRITER},
    store::{Bulk, MediaHome, MediaLedger},
};

pub(super) const HINT: &str =
    "check the disk's free space and the permissions of the store's folder";

/// The files of a run.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) points: Bulk,
    pub(super) events: EventFile,
    pub(super) home: Home,
}

/// Where media of the run go.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) paths: RunPaths,
    pub(super) ledger: MediaLedger,
    pub(super) problems: Problems,
}

impl MediaHome for Home {
    fn paths(&self) -> RunPaths {
        self.paths.clone()
    }

    fn writer(&self) -> Writer {
        WRITER
    }

    fn ledger(&self) -> &MediaLedger {
        &self.ledger
    }

    fn problem(&self, problem: Problem) {
        self.problems.add(problem);
    }
}

impl Body {
    pub(super) fn begin(hidden: &Hidden, id: &RunId, problems: Problems) -> Result<Self> {
        let paths = hidden.run(id);
        paths.files().create_folder().io_context("create", &paths.files(), HINT)?;
        let events = EventFile::create(paths.events(WRITER))?;
        let points = Bulk::new(id.clone(), paths.clone(), WRITER);
        Ok(Self { points, events, home: Home { paths, ledger: MediaLedger::default(), problems } })
    }
}
