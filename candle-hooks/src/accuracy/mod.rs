//! Right answers: how labels are written, which of them count, and what is right.

mod by_slices;
mod by_tensors;
mod count;
mod options;
mod plain;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use count::{Amount, count_with};
pub use options::AccuracyOptions;
pub(crate) use plain::{Count, count};
