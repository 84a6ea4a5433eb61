//! All that the next Burn changes: how progress is told, and when an epoch's last step is taken.
//!
//! `v0_22` and `v0_23` say it of their Burn, under the same names. The feature `burn-0-23` picks: only
//! the package `next` has it, which is this crate built on the next Burn. The policy: one minor version
//! of this crate for each of Burn's, the latest of which is kept up.

mod progress_calls;
#[cfg(feature = "rl")]
mod rl_progress_calls;
#[cfg(feature = "burn-0-23")]
mod unseen_devices;
#[cfg(not(feature = "burn-0-23"))]
mod v0_22;
#[cfg(feature = "burn-0-23")]
mod v0_23;

#[cfg(not(feature = "burn-0-23"))]
pub(crate) use v0_22::*;
#[cfg(feature = "burn-0-23")]
pub(crate) use v0_23::*;

/// Where in its split a batch is, as Burn tells its metrics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position {
    /// Which of the epoch's batches it is, from 1. Devices that train apart count by their number:
    /// all batches of one step have the same.
    pub(crate) iteration: Option<u64>,
    pub(crate) loaded: Loaded,
    /// Whether these were all items, where the data loader tells.
    pub(crate) completed: bool,
}

/// How far a data loader is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loaded {
    /// How many items it gave out; 0 if it does not tell, or counts something else.
    pub(crate) processed: u64,
    /// Of how many more than these it tells.
    pub(crate) left: u64,
}

impl Loaded {
    /// Whether items are missing at its end. A loader may leave out a last batch that is not as large as the `largest`.
    pub(crate) fn lacks_items(self, largest: u64) -> bool {
        self.processed > 0 && self.left >= largest.max(1)
    }
}

/// Whether a data loader's progress counts items. Others, such as shards, say nothing of a batch's size.
fn counts_items(unit: Option<&str>) -> bool {
    unit.is_none_or(|unit| unit == "items")
}
