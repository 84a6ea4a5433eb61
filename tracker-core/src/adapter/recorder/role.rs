//! Optimizers and their parts in a training.

use crate::adapter::recorder::row::OptimizerIndex;

/// Which part an optimizer plays.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    /// Its steps are those of the training. The number tells it from owners before it.
    Owner(u64),
    /// It takes steps within those of the owner.
    Named(OptimizerIndex),
}

impl Role {
    /// The optimizer by its place.
    pub fn index(self) -> OptimizerIndex {
        match self {
            Self::Owner(_) => OptimizerIndex::OWNER,
            Self::Named(index) => index,
        }
    }
}
