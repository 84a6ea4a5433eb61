//! Iterators of epochs and batches, told apart.

/// Tells an iterator of epochs or batches from others: one that was left open must not end what
/// another one began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IteratorId(pub(super) u64);
