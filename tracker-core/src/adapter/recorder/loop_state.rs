//! Where a training stands within its loop, for a checkpoint to keep.

use serde::{Deserialize, Serialize};

use crate::{
    Definition,
    adapter::{order::Order, recorder::mean::Mean},
};

/// Where a training stands within its loop: what one needs, beside weights, optimizers and steps, to go
/// on in the middle of an epoch as if it had never ended.
///
/// Numbers are kept as their bits: what follows from them is the same to the last bit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LoopState {
    /// How many episodes are over.
    #[serde(default)]
    pub(super) episodes: u64,
    /// In which order the data come, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<Order>,
    /// Whether an epoch has ended with batches that no step had followed yet: their gradients were
    /// accumulated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_accumulating: bool,
    /// The number of an epoch that is open and whose batches nobody wraps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unplaced: Option<f64>,
    /// The epoch that is open, if the step was taken in a batch of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) epoch: Option<EpochState>,
}

impl LoopState {
    /// How many batches of the epoch that is open are over; 0 without one.
    pub fn batches(&self) -> u64 {
        self.epoch.as_ref().map_or(0, |epoch| epoch.position.batches)
    }
}

/// An epoch that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct EpochState {
    pub(super) number: f64,
    pub(super) first_step: u64,
    pub(super) position: Position,
    pub(super) times: Times,
    pub(super) sums: SavedSums,
}

/// The batch of an epoch after which a step was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// How many loops over batches the epoch had before that of the batch.
    pub(super) loops: u64,
    /// How many batches of this loop are over.
    pub(super) batches: u64,
    /// What tells whether they are the same: how many it has, or how many items.
    pub(super) length: Option<u64>,
}

/// What an epoch took so far, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Times {
    pub(super) all: f64,
    pub(super) training: f64,
    pub(super) waited: f64,
}

/// What an epoch's means are made of so far.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct SavedSums {
    pub(crate) loss: Mean,
    pub(crate) accuracy: Mean,
    pub(crate) items: u64,
    /// Those of the user's metrics, by name, and whether they are shares.
    pub(crate) others: Vec<(String, bool, Mean)>,
    /// The loss of each optimizer by its name, which is empty for that of the training.
    pub(crate) optimizers: Vec<(String, Mean)>,
    pub(crate) reward: Mean,
    pub(crate) length: Mean,
    pub(crate) evaluated: Vec<SavedValue>,
}

/// What an evaluation gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedValue {
    pub(crate) metric: String,
    #[serde(with = "bits")]
    pub(crate) value: f64,
    pub(crate) definition: Definition,
}

/// An f64 as the integer of its bits: JSON has no NaN, and not each reader gives back the last bit.
pub(crate) mod bits {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(value.to_bits())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}
