//! Right answers: how labels are written, which of them count, and what is right.

mod by_slices;
mod by_tensors;
mod count;
mod options;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use count::{Amount, Count, count_with};
pub use options::AccuracyOptions;
