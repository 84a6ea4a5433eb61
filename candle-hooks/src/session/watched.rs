//! What is watched.

use std::sync::Arc;

use candle_core::Var;
use candle_nn::VarMap;
use tracker_core::{
    adapter::{FlightLook, WatchLog, WatchOptions, recorder::OptimizerIndex},
    flight::FlightStep,
};

use crate::{
    Weights,
    watch::{Flight, Watcher},
};

/// A model that is watched, and the optimizer that trains it.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) optimizer: OptimizerIndex,
    pub(super) watcher: Arc<Watcher>,
    pub(super) log: WatchLog,
    /// What its last steps did; from its first one on; away while one is looked at.
    pub(super) flight: Option<Flight>,
    /// Where its variables are, until a step has found some.
    pub(super) source: Option<WatchSource>,
}

/// Where the variables of a model are. One may be watched before its layers are made.
pub(crate) struct WatchSource {
    weights: Weights,
    /// What comes before the name of each.
    prefix: String,
    options: WatchOptions,
}

impl WatchSource {
    pub(crate) fn new(weights: &VarMap, prefix: String, options: WatchOptions) -> Self {
        Self { weights: weights.into(), prefix, options }
    }

    pub(super) fn options(&self) -> &WatchOptions {
        &self.options
    }

    /// What is there now.
    pub(super) fn watcher(&self) -> Arc<Watcher> {
        let named = self.weights.named().into_iter();
        let named = named.map(|(name, variable)| (format!("{}{name}", self.prefix), variable));
        let variables: Vec<(String, Var)> = named.collect();
        Arc::new(Watcher::new(variables, self.options.clone()))
    }
}

impl std::fmt::Debug for WatchSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchSource").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// What an optimizer needs to record a step of its model.
#[derive(Debug)]
pub(crate) struct DueFlight {
    pub(crate) index: usize,
    pub(crate) flight: Flight,
    pub(crate) look: FlightLook,
    pub(crate) step: FlightStep,
}

/// What an optimizer needs to look at its model around a step.
#[derive(Debug)]
pub(crate) struct DueWatch {
    pub(super) index: usize,
    pub(crate) watcher: Arc<Watcher>,
}
