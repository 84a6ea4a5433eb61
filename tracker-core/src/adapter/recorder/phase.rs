//! The parts of a training that each have epochs of their own.

/// Loops over epochs that go on counting, by their place among those of a training. One that counts from
/// the start again begins another phase: training before fine-tuning, one fold after another. Steps go on
/// through all of them; epochs and early stopping begin anew in each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phase {
    /// Its place, from 0.
    pub number: u64,
    /// Its first step.
    pub first_step: u64,
}
