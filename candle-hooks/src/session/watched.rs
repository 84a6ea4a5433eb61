//! What is watched.

use std::sync::Arc;

use tracker_core::adapter::WatchLog;

use crate::{row::OptimizerIndex, watch::Watcher};

/// A model that is watched, and the optimizer that trains it.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) optimizer: OptimizerIndex,
    pub(super) watcher: Arc<Watcher>,
    pub(super) log: WatchLog,
}

/// What an optimizer needs to look at its model around a step.
#[derive(Debug)]
pub(crate) struct DueWatch {
    pub(super) index: usize,
    pub(crate) watcher: Arc<Watcher>,
}
