//! How full a ring must be for a log call to wake the writer thread.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::ring::{Ring, RingMemory, Word};

/// A number of taken places, above which a log call wakes the writer thread.
///
/// The writer thread sets the mark and then looks whether a place has been taken; a log call takes a
/// place and then looks at the mark. One of the two must see what the other did, or a point is left
/// to sleep. The order costs log calls nothing: both go through the ring's head by an exchange, and
/// of two exchanges the later one sees all that came before the earlier one.
#[derive(Debug)]
pub(crate) struct WakeMark<W = AtomicU64>(W);

impl<W: Word> WakeMark<W> {
    pub(crate) fn new(above: W) -> Self {
        Self(above)
    }

    /// Whether a call wakes the writer thread whose place made `used` of them taken.
    pub(crate) fn is_passed(&self, used: u64) -> bool {
        used > self.0.load(Ordering::Relaxed)
    }

    /// Lets no call wake the writer thread until it sets the mark again. Who calls this wakes it.
    pub(crate) fn silence(&self) {
        self.0.store(u64::MAX, Ordering::Relaxed);
    }

    /// Sets the mark. Returns how many places were taken by calls that may not have seen it.
    pub(crate) fn set<M: RingMemory>(&self, above: u64, ring: &Ring<M>) -> u64 {
        self.0.store(above, Ordering::Relaxed);
        ring.head_in_order() - ring.tail()
    }
}
