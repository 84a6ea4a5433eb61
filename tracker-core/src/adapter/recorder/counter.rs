//! Who counts the steps of a training.

/// Who counts: an optimizer that owns the step; else the loop itself; else its batches. Where nobody
/// does, each loss is a step.
#[derive(Debug, Default)]
pub(super) struct Counter {
    /// The number of the optimizer whose steps are those of the training.
    pub(super) owner: Option<u64>,
    /// How many optimizers were made owners.
    pub(super) owners: u64,
    /// Whether the loop itself says when a step is taken.
    pub(super) by_hand: bool,
    /// Whether batches were gone over.
    pub(super) batches: bool,
    /// Whether one of them was taken for a step.
    pub(super) took_batch: bool,
    /// How many steps the owner had taken at the checkpoint that the training goes on from, until it
    /// takes one more: the optimizer of a phase may be made after the checkpoint was restored.
    pub(super) restored: Option<u64>,
}

impl Counter {
    /// Whether an optimizer or the loop itself counts, so that a batch is no step by itself.
    pub(super) fn is_told(&self) -> bool {
        self.owner.is_some() || self.by_hand
    }

    /// Whether anything but the losses tells when a step is taken.
    pub(super) fn is_known(&self) -> bool {
        self.is_told() || self.batches
    }
}
