//! Where a training stands when a checkpoint of it is saved.

use std::collections::BTreeMap;

use crate::{
    Artifact,
    adapter::recorder::{LoopState, Phase},
};

/// Where a training stands when a checkpoint of it is saved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrainingState {
    /// The epoch that has just ended, as the user counts them; `None` within one.
    pub epoch: Option<u64>,
    /// The last epoch that is over, whether it has just ended or not; `None` before the first one's
    /// end.
    pub last_epoch: Option<u64>,
    /// The loop over epochs in which it stands.
    pub phase: Phase,
    /// The last step that was taken; the first is step 0.
    pub step: u64,
    /// Where it stands within its loop.
    pub within: LoopState,
    /// What was last measured, by metric.
    pub metrics: BTreeMap<String, f64>,
    /// By the name of the optimizer, which is empty for that of the training.
    pub learning_rates: Vec<(String, f64)>,
    /// How many steps each optimizer has taken, by the same names.
    pub optimizer_steps: Vec<(String, u64)>,
}

impl TrainingState {
    /// The artifact with its step and epoch, and with what was measured then.
    pub(crate) fn describe(&self, artifact: Artifact) -> Artifact {
        let mut artifact = artifact.step(self.step).metrics(self.metrics.clone());
        artifact.epoch = self.epoch;
        artifact
    }
}
