//! How many answers are right, and of how many.

use candle_core::Tensor;

/// A number that is known, or that a device still works on.
#[derive(Debug)]
pub(crate) enum Amount {
    /// Known.
    Known(u64),
    /// A U32 scalar on the device: F32 is not exact above 2^24, which a batch of tokens can reach.
    OnDevice(Tensor),
}

/// Right answers among those that count, and what else a batch tells.
#[derive(Debug)]
pub(crate) struct Count {
    /// The number of right answers.
    pub(crate) correct: Amount,
    /// The number of answers that count. It is on the device where the labels or a mask decide
    /// it there.
    pub(crate) total: Amount,
    /// The first dimension of the labels.
    pub(crate) items: u64,
    /// How many labels that count are no class, such as -1 or 10 of 10. They are never right.
    /// Known on the CPU alone; 0 elsewhere, where looking would wait for the device.
    pub(crate) out_of_range: u64,
}

impl Count {
    /// What a batch without answers gives.
    pub(super) fn none(items: u64) -> Self {
        Self { correct: Amount::Known(0), total: Amount::Known(0), items, out_of_range: 0 }
    }
}
