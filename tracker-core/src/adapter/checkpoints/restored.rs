//! Where a training goes on.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::adapter::checkpoints::training_state::TrainingState;

/// Where a training goes on: what the checkpoint knows that was restored.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    state: TrainingState,
    optimizer_state: bool,
    file: PathBuf,
}

impl Restored {
    pub(crate) fn new(state: TrainingState, optimizer_state: bool, file: PathBuf) -> Self {
        Self { state, optimizer_state, file }
    }

    /// The last step before the checkpoint. The first step is step 0, so the next one is
    /// `step() + 1`.
    pub fn step(&self) -> u64 {
        self.state.step
    }

    /// The epoch after which it was saved, as your loop counts them; `None` if it was saved within
    /// an epoch or without one.
    pub fn epoch(&self) -> Option<u64> {
        self.state.epoch
    }

    /// The last epoch that was over when it was saved, as your loop counts them. `hooks.epochs(..)`
    /// leaves it out with those before it.
    pub fn last_epoch(&self) -> Option<u64> {
        self.state.last_epoch
    }

    /// How many batches of the next epoch were over when it was saved in the middle of it:
    /// `hooks.batches(..)` leaves them out. 0 if it was saved elsewhere.
    pub fn batches(&self) -> u64 {
        self.state.within.batches()
    }

    /// All that the checkpoint says of the training.
    pub fn state(&self) -> &TrainingState {
        &self.state
    }

    /// What was measured last before it was saved, by metric.
    pub fn metrics(&self) -> &BTreeMap<String, f64> {
        &self.state.metrics
    }

    /// The learning rate of each optimizer by its name, which is empty for that of the training.
    pub fn learning_rates(&self) -> &[(String, f64)] {
        &self.state.learning_rates
    }

    /// How many steps each optimizer had taken, by its name, which is empty for that of the
    /// training.
    pub fn optimizer_steps(&self) -> &[(String, u64)] {
        &self.state.optimizer_steps
    }

    /// Whether the optimizers go on with what they remembered. Without it, they start anew with
    /// the restored weights.
    pub fn optimizer_state(&self) -> bool {
        self.optimizer_state
    }

    /// The file with the weights.
    pub fn file(&self) -> &Path {
        &self.file
    }
}
