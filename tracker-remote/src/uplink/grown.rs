//! A file that grows, as a round sees it.

use tracker_core::replica::OpenedFile;

use crate::names::PIECE;

/// A file that grows, open, and how much of it will not change.
#[derive(Debug)]
pub(super) struct Grown {
    pub(super) path: String,
    pub(super) opened: OpenedFile,
    pub(super) settled: u64,
}

impl Grown {
    /// Where what is in no piece begins.
    pub(super) fn tail_from(&self) -> u64 {
        self.settled / PIECE * PIECE
    }
}
