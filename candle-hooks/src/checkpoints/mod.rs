//! Checkpoints: kept as a training goes, and what a resumed one goes on from.

mod variables;

pub(crate) use variables::named_variables;
