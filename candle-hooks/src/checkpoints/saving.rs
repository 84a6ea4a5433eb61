//! The variables of a training, and who keeps its checkpoints.

use std::{fmt, sync::Arc};

use candle_core::Var;
use tracker_core::{
    Tracker,
    adapter::checkpoints::{CheckpointKeeper, CheckpointOptions, TrainingState},
};

use super::{format::Safetensors, snapshot::Snapshot};
use crate::Weights;

/// The variables of a training, which this shares with it, and who keeps its checkpoints.
pub(crate) struct Checkpoints {
    weights: Weights,
    states: Vec<(String, Vec<(String, Var)>)>,
    pub(crate) keeper: CheckpointKeeper<Safetensors>,
}

impl Checkpoints {
    pub(crate) fn new(
        tracker: Arc<dyn Tracker>,
        weights: Weights,
        options: CheckpointOptions,
    ) -> Self {
        Self { weights, states: Vec::new(), keeper: CheckpointKeeper::new(tracker, options) }
    }

    /// Saves also what an optimizer remembers. The training's own has an empty name; one of the
    /// same name as another takes its place.
    pub(crate) fn add_state(&mut self, name: &str, variables: Vec<(String, Var)>) {
        self.states.retain(|(known, _)| known != name);
        self.states.push((name.to_owned(), variables));
    }

    /// Saves the training as it stands.
    pub(crate) fn save(&mut self, state: TrainingState) {
        let (weights, states) = (&self.weights, &self.states);
        self.keeper
            .save(state, || Snapshot::take(weights, states).map_err(|error| error.to_string()));
    }
}

impl fmt::Debug for Checkpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoints").field("keeper", &self.keeper).finish_non_exhaustive()
    }
}
