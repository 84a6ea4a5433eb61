//! What the optimizers and the loop have to do with checkpoints.

use std::path::PathBuf;

use candle_core::Var;
use tracker_core::adapter::checkpoints::Evaluated;

use crate::checkpoints::Checkpoints;

/// What the optimizers and the loop have to do with checkpoints.
#[derive(Debug, Default)]
pub(super) struct CheckpointState {
    pub(super) checkpoints: Option<Checkpoints>,
    /// Where the user wants them.
    pub(super) folder: Option<PathBuf>,
    /// What optimizers remember, by their names.
    pub(super) states: Vec<(String, Vec<(String, Var)>)>,
    /// The types of the optimizers, by their names.
    pub(super) optimizers: Vec<(String, &'static str)>,
    pub(super) is_restored: bool,
    /// How the optimizers stood at the checkpoint, by their names, until they have it.
    pub(super) restored: Vec<(String, RestoredOptimizer)>,
    /// Whether a checkpoint of the last step is to be saved before the next one changes the weights:
    /// until then, an evaluation may tell how good they are.
    pub(super) is_due: bool,
    /// The step of the last one that was saved or restored.
    pub(super) saved_step: Option<u64>,
    /// What evaluations gave at a step, in a training without epochs.
    pub(super) evaluated: Evaluated,
}

/// How an optimizer stood at a checkpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RestoredOptimizer {
    /// How many steps it had taken.
    pub(crate) steps: u64,
    /// `None` for one that had taken none.
    pub(crate) learning_rate: Option<f64>,
}
