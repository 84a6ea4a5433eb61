//! How many answers are right, and of how many.
//!
//! A count on a device is a U32 scalar there: F32 is not exact above 2^24, which a batch of tokens
//! can reach. Where the labels or a mask decide on the device what counts, the total is there too.

use candle_core::Tensor;
use tracker_core::adapter::recorder;

/// A number that is known, or that a device still works on.
pub(crate) type Amount = recorder::Amount<Tensor>;

/// Right answers among those that count, and what else a batch tells.
pub(crate) type Count = recorder::Count<Tensor>;

/// What a batch without answers gives.
pub(super) fn none(items: u64) -> Count {
    Count { correct: Amount::Known(0), total: Amount::Known(0), items, out_of_range: 0 }
}
