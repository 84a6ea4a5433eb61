//! A request for a checkpoint, as it is told and stored.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::platform::machine::this_user;

/// Asks a training to save a checkpoint after the step that it is in.
///
/// A training does so whose checkpoints an adapter keeps, or whose loop looks at
/// [`checkpoints_asked`](crate::Run::checkpoints_asked). Burn's `Learner` saves after its epochs and at no other
/// time. Where nobody listens, the run says so.
///
/// Its `Display` is what the run tells then: `alice@host asked for a checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointRequest {
    by: String,
}

impl CheckpointRequest {
    /// Asks for one, in the name of this process's user and machine.
    pub fn new() -> Self {
        Self { by: this_user() }
    }

    /// Says who asks, in place of this process's user and machine.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.by = who.into();
        self
    }
}

impl Default for CheckpointRequest {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for CheckpointRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} asked for a checkpoint", self.by)
    }
}
