//! What is kept of the last steps.

use std::sync::Arc;

use crate::Step;

/// The most numbers of samples that are kept of a batch.
pub const MAX_SAMPLES: usize = 1_024;

/// The most tensors of a record. Of more, the first ones are stored.
pub(crate) const MAX_TENSORS: usize = 4_096;

/// The most steps of a record. Of more, the last ones are stored.
pub(crate) const MAX_STEPS: usize = 8_192;

/// The most numbers of samples of all batches of a record. Of more, those of the last batches are stored.
pub(crate) const MAX_NUMBERS: usize = 1 << 20;

/// The last steps of a training, the oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlightRecord {
    /// The parameters that were looked at, by their paths in the model. Empty where a rank keeps its
    /// batches alone.
    pub tensors: Vec<Arc<str>>,
    /// The steps. Not each step of a training has been looked at where that would have cost too much.
    pub steps: Vec<FlightStep>,
}

/// One step of a training.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlightStep {
    /// Where in training.
    pub step: Step,
    /// The epoch's number, where the training has some.
    pub epoch: Option<u64>,
    /// The batch within the epoch, from 1, where that is known.
    pub batch: Option<u64>,
    /// Which samples were in the batch, where the training says so; [`MAX_SAMPLES`] at most.
    pub samples: Arc<[u64]>,
    /// The learning rate.
    pub rate: Option<f64>,
    /// What was seen of each tensor of the record, in its order.
    pub values: Vec<FlightValues>,
}

/// What one step showed of one tensor: each the root of the mean square of those values that were looked
/// at, which are the same in each step. NaN or infinite if one of them is, `None` if none was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FlightValues {
    /// Of the weights, before the step.
    pub weight: Option<f32>,
    /// Of the gradient that the optimizer gets.
    pub gradient: Option<f32>,
    /// Of the change of the weights that the step made. It is known when the next step is looked at.
    pub change: Option<f32>,
}

impl FlightRecord {
    /// About how many bytes it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        let of_step = |step: &FlightStep| {
            size_of::<FlightStep>() + size_of_val(&*step.samples) + size_of_val(&*step.values)
        };
        self.steps.iter().map(of_step).sum()
    }

    /// The step at which it ends.
    pub fn last_step(&self) -> Option<Step> {
        self.steps.last().map(|step| step.step)
    }
}
