//! What is asked of a training.

/// What somebody outside asks of the training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Requests {
    /// Whether training should end, and how soon.
    pub stop: Stop,
}

impl Requests {
    /// A request to stop, or none with [`Stop::No`].
    pub fn stop(stop: Stop) -> Self {
        Self { stop }
    }
}

/// Whether training should end, from the least to the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum Stop {
    /// Train on.
    #[default]
    No,
    /// End after this epoch, with its checkpoint saved.
    AfterEpoch,
    /// End within a batch.
    Now,
}
