//! Whose media are stored.

use std::fmt::Debug;

use crate::{
    Problem, Writer,
    format::layout::RunPaths,
    store::{media::ledger::MediaLedger, session::Session},
};

/// A run in which media are stored: one that trains, or one that is imported.
pub(crate) trait MediaHome: Debug {
    /// The places of its files.
    fn paths(&self) -> RunPaths;

    /// Who writes them.
    fn writer(&self) -> Writer;

    /// What became of them.
    fn ledger(&self) -> &MediaLedger;

    /// Counts what could not be kept.
    fn problem(&self, problem: Problem);
}

impl MediaHome for Session {
    fn paths(&self) -> RunPaths {
        Session::paths(self)
    }

    fn writer(&self) -> Writer {
        self.writer
    }

    fn ledger(&self) -> &MediaLedger {
        &self.media
    }

    fn problem(&self, problem: Problem) {
        Session::problem(self, problem);
    }
}
